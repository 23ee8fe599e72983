import { randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { NewParticipant, ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import { cleanText } from '../../schemas/common.ts'
import type { Joined, JoinRequest } from '../../schemas/meetings.ts'
import type { Principal } from '../principal.ts'
import { hashSecret } from '../secrets.ts'
import type { RoomAccess } from './access.ts'
import { LOBBY_PLACES, lobbyOf, placesFor } from './capacity.ts'
import { JOIN_LEASE, type MeetingsDeps } from './deps.ts'
import { badInvitation, createDoor, type Entrant, type Entry, isHostOf, type Knock, putOut } from './door.ts'
import { participantIdOf } from './identity.ts'
import { createNotices } from './notices.ts'
import { toParticipant } from './wire.ts'

const DEFAULT_LANGUAGE = 'en'
/** How often a decision is made anew because the room changed meanwhile. */
const ATTEMPTS = 3

interface Defaults {
  display_name?: string
  speaking_language: string
  listening_language: string
}

type Newcomer = Entrant & { role: string; defaults: Defaults }

/** The way into a room. */
export function createJoining(deps: MeetingsDeps, { participantOf }: RoomAccess) {
  const { database, rooms, participants, invitations, tokens, now } = deps
  const { presence, roomEvents } = deps.state
  const door = createDoor(deps)
  const notices = createNotices(roomEvents)

  /**
   * Lets a user or a guest in, or to the door: in a locked room everybody waits for a host but hosts, whoever is inside and whoever
   * brings a good invitation. Joining again, as the same user or with the guest token of the room, gives the same participant and
   * changes only what the request says. `addressGroup` is where the call comes from; null when that is not known. Throws NOT_FOUND (no
   * such room), ROOM_ENDED, ROOM_FULL (or its lobby), VALIDATION_ERROR (a guest without a name, a bad invitation), and FORBIDDEN: to
   * guests where the room does not allow them, and to whoever was kicked.
   */
  async function join(
    principal: Principal | null,
    roomCode: string,
    request: JoinRequest,
    addressGroup: string | null = null,
  ): Promise<Joined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const record = await tryJoin(principal, roomCode, request, addressGroup)
      if (!record) continue
      const answer = { status: record.status as Joined['status'], participant: toParticipant(record) }
      if (record.user_id) return answer
      return { ...answer, guest_token: tokens.issueGuest(record.id, record.room_id).token }
    }
    throw new AppError('CONFLICT', 'The room changed meanwhile: try again.')
  }

  /** Null when the door changed between the look and the entry; then nothing was taken. */
  async function tryJoin(
    principal: Principal | null,
    roomCode: string,
    request: JoinRequest,
    addressGroup: string | null,
  ): Promise<ParticipantRecord | null> {
    const room = await rooms.findByCode(roomCode)
    if (!room) throw new AppError('NOT_FOUND')
    if (room.status === 'ended') throw new AppError('ROOM_ENDED')
    const entrant = await newcomer(principal, room)
    const addressDigests = addressGroup === null ? [] : deps.addressDigests(room.id, addressGroup)
    const wanted = participantFor(room, entrant, request, now())
    const knock = { displayName: wanted.display_name, addressDigests, invitation: request.invitation }
    const entry = await door.decide(room, entrant, knock)

    const waits = entry === 'waiting'
    const space = waits ? lobbyOf(room.id) : room.id
    const role = isHostOf(room, entrant) ? 'host' : entrant.role
    const taken = await presence.enter(space, entrant.id, JOIN_LEASE, waits ? LOBBY_PLACES : placesFor(room, role))
    if (taken === 'full') throw new AppError('ROOM_FULL', waits ? 'Too many wait to be let in.' : undefined)
    const isNew = taken === 'entered'
    const giveBack = () => (isNew ? presence.leave(space, entrant.id, JOIN_LEASE).then(() => {}) : undefined)
    try {
      const record = await write(entrant, { ...wanted, address_digest: addressDigests[0] ?? null }, knock, entry)
      if (!record) await giveBack()
      else if (record.status === 'waiting') await tellHosts(record, entrant.before, isNew)
      // A host let it in while it knocked once more, and told everybody.
      else if (waits) await presence.leave(space, entrant.id)
      else await tellRoom(record, entrant.before, isNew)
      return record
    } catch (error) {
      await Promise.resolve(giveBack()).catch(() => undefined)
      throw error
    }
  }

  async function newcomer(principal: Principal | null, room: RoomRecord): Promise<Newcomer> {
    const before = principal ? await participantOf(principal, room) : null
    if (!principal || principal.kind === 'guest') {
      // A guest that left, or comes from another room, is a new guest here.
      const back = before?.status === 'left' || before?.status === 'withdrawn' ? null : before
      const defaults = back ?? { speaking_language: DEFAULT_LANGUAGE, listening_language: DEFAULT_LANGUAGE }
      return { id: back?.id ?? randomUUID(), userId: null, role: 'guest', before: back, defaults }
    }
    const { userId } = principal
    const defaults = before ?? (await profileOf(userId))
    const role = room.host_user_id === userId ? 'host' : (before?.role ?? 'participant')
    return { id: before?.id ?? participantIdOf(room.id, userId), userId, role, before, defaults }
  }

  async function profileOf(userId: string): Promise<Defaults> {
    const profile = await deps.profileOf(userId)
    if (!profile) throw new AppError('UNAUTHENTICATED')
    return {
      display_name: profile.full_name,
      speaking_language: profile.speaking_language || DEFAULT_LANGUAGE,
      listening_language: profile.listening_language || DEFAULT_LANGUAGE,
    }
  }

  /**
   * Writes the participant, and uses its invitation up, while the room is kept from ending and from kicking. Looks at the door once more:
   * null when it would decide otherwise now.
   */
  function write(
    entrant: Newcomer,
    wanted: NewParticipant,
    knock: Knock,
    entry: Entry,
  ): Promise<ParticipantRecord | null> {
    return database.transaction(async (tx) => {
      const room = await rooms.openForEntry(wanted.room_id, tx)
      if (!room) throw new AppError('NOT_FOUND')
      if (room.status === 'ended') throw new AppError('ROOM_ENDED')
      const before = entrant.before && (await participants.find(room.id, entrant.id, tx))
      if ((await door.decide(room, { ...entrant, before }, knock, tx)) !== entry) return null
      const isOwner = entrant.userId === room.host_user_id
      const role = isOwner ? 'host' : entrant.userId ? 'participant' : 'guest'
      const status = entry === 'waiting' ? 'waiting' : 'joined'
      // Whoever waits already keeps its place in the line.
      const joined_at = status === 'waiting' && before?.status === 'waiting' ? before.joined_at : wanted.joined_at
      const record = await participants.join({ ...wanted, role, status, joined_at }, tx)
      if (!record) throw putOut()
      if (entry !== 'invited' || knock.invitation === undefined) return record
      const redeemed = await invitations.redeem(hashSecret(knock.invitation), room.id, record.id, now(), tx)
      if (!redeemed) throw badInvitation()
      return record
    })
  }

  async function tellRoom(record: ParticipantRecord, before: ParticipantRecord | null, isNew: boolean): Promise<void> {
    await presence.setListening(record.room_id, record.id, record.listening_language)
    if (isNew) await notices.joined(record)
    else if (changed(before, record)) await notices.updated(record)
    if (before?.status !== 'waiting') return
    // It waited until now: its sockets at the door come in with it.
    await presence.leave(lobbyOf(record.room_id), record.id)
    await notices.admitted(record)
  }

  async function tellHosts(record: ParticipantRecord, before: ParticipantRecord | null, isNew: boolean): Promise<void> {
    if (isNew) await notices.waiting(record)
    else if (changed(before, record)) await notices.waitingUpdated(record)
  }

  return { join }
}

function participantFor(room: RoomRecord, entrant: Newcomer, request: JoinRequest, at: Date): NewParticipant {
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
    joined_at: at,
  }
}

function changed(before: ParticipantRecord | null, after: ParticipantRecord): boolean {
  return (
    before?.display_name !== after.display_name ||
    before.role !== after.role ||
    before.speaking_language !== after.speaking_language ||
    before.listening_language !== after.listening_language
  )
}
