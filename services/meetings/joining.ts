import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { NewParticipant, ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import { cleanText } from '../../schemas/common.ts'
import type { Joined, JoinRequest } from '../../schemas/meetings.ts'
import type { Principal } from '../principal.ts'
import type { RoomAccess } from './access.ts'
import { placesFor } from './capacity.ts'
import { JOIN_LEASE, type MeetingsDeps } from './deps.ts'
import { toParticipant } from './wire.ts'

const DEFAULT_LANGUAGE = 'en'

/** Who is at the door: a user, a guest that comes back with its token, or a new guest. */
interface Entrant {
  id: string
  userId: string | null
  role: string
  isHost: boolean
  /** What it was in the room before. */
  before: ParticipantRecord | null
  defaults: { display_name?: string; speaking_language: string; listening_language: string }
}

/** The way into a room. */
export function createJoining(deps: MeetingsDeps, { participantOf }: RoomAccess) {
  const { database, rooms, participants, tokens, now } = deps
  const { presence, roomEvents } = deps.state

  /**
   * Lets a user or a guest in. Joining again, as the same user or with the guest token of the room, gives the same participant and
   * changes only what the request says. Throws NOT_FOUND (no such room), ROOM_ENDED, ROOM_FULL, VALIDATION_ERROR (a guest without a
   * name), and FORBIDDEN: to guests where the room does not allow them, and to all but hosts while it is locked (a locked room has
   * no lobby yet). Whoever is inside already stays free to join again.
   */
  async function join(principal: Principal | null, roomCode: string, request: JoinRequest): Promise<Joined> {
    const room = await rooms.findByCode(roomCode)
    if (!room) throw new AppError('NOT_FOUND')
    if (room.status === 'ended') throw new AppError('ROOM_ENDED')
    const entrant = await entrantOf(principal, room)
    const wanted = participantFor(room, entrant, request, now())
    assertMayEnter(room, entrant)

    const entry = await presence.enter(room.id, entrant.id, JOIN_LEASE, placesFor(room, entrant.role))
    if (entry === 'full') throw new AppError('ROOM_FULL')
    const record = await admit(entrant, wanted).catch(async (error: unknown) => {
      if (entry === 'entered') await presence.leave(room.id, entrant.id, JOIN_LEASE).catch(() => undefined)
      throw error
    })
    await presence.setListening(room.id, record.id, record.listening_language)
    const participant = toParticipant(record)
    if (entry === 'entered') await roomEvents.append(room.id, { type: 'participant.joined', participant })
    else if (changed(entrant.before, record))
      await roomEvents.append(room.id, { type: 'participant.updated', participant })

    if (entrant.userId) return { status: 'joined', participant }
    return { status: 'joined', participant, guest_token: tokens.issueGuest(record.id, room.id).token }
  }

  async function entrantOf(principal: Principal | null, room: RoomRecord): Promise<Entrant> {
    const before = principal ? await participantOf(principal, room) : null
    if (principal?.kind !== 'user') {
      // A guest that left, or comes from another room, is a new guest here.
      const back = before?.status === 'joined' ? before : null
      const languages = back ?? { speaking_language: DEFAULT_LANGUAGE, listening_language: DEFAULT_LANGUAGE }
      return {
        id: back?.id ?? randomUUID(),
        userId: null,
        role: 'guest',
        isHost: false,
        before: back,
        defaults: languages,
      }
    }
    const { userId } = principal
    const defaults = before ?? (await profileOf(userId))
    const owner = room.host_user_id === userId
    const role = owner ? 'host' : (before?.role ?? 'participant')
    const id = before?.id ?? participantIdOf(room.id, userId)
    return { id, userId, role, isHost: owner || role === 'co_host', before, defaults }
  }

  async function profileOf(userId: string): Promise<Entrant['defaults']> {
    const profile = await deps.profileOf(userId)
    if (!profile) throw new AppError('UNAUTHENTICATED')
    return {
      display_name: profile.full_name,
      speaking_language: profile.speaking_language || DEFAULT_LANGUAGE,
      listening_language: profile.listening_language || DEFAULT_LANGUAGE,
    }
  }

  /** Writes the participant while the room is kept from ending, and looks at its door once more. */
  function admit(entrant: Entrant, wanted: NewParticipant): Promise<ParticipantRecord> {
    return database.transaction(async (tx) => {
      const room = await rooms.openForEntry(wanted.room_id, tx)
      if (!room) throw new AppError('NOT_FOUND')
      if (room.status === 'ended') throw new AppError('ROOM_ENDED')
      assertMayEnter(room, entrant)
      return participants.join(wanted, tx)
    })
  }

  return { join }
}

function participantFor(room: RoomRecord, entrant: Entrant, request: JoinRequest, at: Date): NewParticipant {
  const name = request.display_name ?? entrant.defaults.display_name
  if (name === undefined) {
    const details = [{ field: 'body.display_name', message: 'is required of a guest' }]
    throw new AppError('VALIDATION_ERROR', undefined, { details })
  }
  return {
    id: entrant.id,
    room_id: room.id,
    user_id: entrant.userId,
    display_name: cleanText(name),
    role: entrant.role,
    speaking_language: request.speaking_language ?? entrant.defaults.speaking_language,
    listening_language: request.listening_language ?? entrant.defaults.listening_language,
    status: 'joined',
    joined_at: entrant.before?.status === 'joined' ? entrant.before.joined_at : at,
  }
}

function assertMayEnter(room: RoomRecord, { before, isHost, userId }: Entrant): void {
  if (isHost || before?.status === 'joined') return
  if (!userId && !room.allow_guests) throw new AppError('FORBIDDEN', 'This room does not allow guests.')
  if (room.lock_room) throw new AppError('FORBIDDEN', 'The room is locked.')
}

function changed(before: ParticipantRecord | null, after: ParticipantRecord): boolean {
  return (
    before?.display_name !== after.display_name ||
    before.role !== after.role ||
    before.speaking_language !== after.speaking_language ||
    before.listening_language !== after.listening_language
  )
}

/** One id for a user in a room, whichever of two concurrent joins comes first: a UUID (version 8) over both ids. */
function participantIdOf(roomId: string, userId: string): string {
  const bytes = createHash('sha256').update(`${roomId}:${userId}`).digest().subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
