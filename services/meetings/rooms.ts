import { randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import { cleanText } from '../../schemas/common.ts'
import type { MeetingsPage, MeetingsQuery, NewMeeting, Role, Room, RoomSettingsChange } from '../../schemas/meetings.ts'
import type { Account, Principal } from '../principal.ts'
import type { RoomAccess } from './access.ts'
import type { MeetingsDeps } from './deps.ts'
import type { Ending } from './ending.ts'
import { toRoom } from './wire.ts'

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
const ROOM_CODE_LENGTH = 26
const DAY_MS = 86_400_000
const SCHEDULE_DAYS_AHEAD = 3660

/** Rooms as their hosts rule them: made, listed, configured, ended. */
export function createRooms(deps: MeetingsDeps, { access, hostAccess }: RoomAccess, { endRoom }: Ending) {
  const { rooms, audit, publicUrl, now } = deps
  const { roomEvents } = deps.state

  return {
    /** A new room of the user: `scheduled` when it has a time, otherwise open at once. Throws VALIDATION_ERROR for an odd time. */
    async create(host: Account, { name, scheduled_at, settings }: NewMeeting): Promise<Room> {
      const createdAt = now()
      const scheduledAt = scheduled_at === undefined ? null : scheduledTime(scheduled_at, createdAt)
      const room = {
        id: randomUUID(),
        room_code: newRoomCode(),
        name: cleanText(name),
        host_user_id: host.userId,
        status: scheduledAt ? 'scheduled' : 'active',
        scheduled_at: scheduledAt,
        created_at: createdAt,
        ...settings,
      }
      return audit.transaction(async (tx, record) => {
        const made = await rooms.insert(room, tx)
        record({
          action: 'room_created',
          outcome: 'success',
          subject: room.id,
          roomId: room.id,
          details: settings ?? {},
        })
        return toRoom(made, publicUrl)
      })
    },

    /** The user's rooms, hosted or taken part in, newest first. */
    async list(user: Account, { page = 1, per_page = 20, role }: MeetingsQuery): Promise<MeetingsPage> {
      const query = { userId: user.userId, role, limit: per_page, offset: (page - 1) * per_page }
      const found = await rooms.ofUser(query)
      const meetings = found.rooms.map(({ room, role: own }) => ({ ...toRoom(room, publicUrl), role: own as Role }))
      return { meetings, page, per_page, total: found.total }
    },

    /** The room, for those who are or were in it. Throws NOT_FOUND. */
    async get(principal: Principal, roomCode: string): Promise<Room> {
      return toRoom((await access(principal, roomCode)).room, publicUrl)
    },

    /** Changes some settings and tells the room. Throws NOT_FOUND, FORBIDDEN, ROOM_ENDED. */
    async configure(principal: Principal, roomCode: string, settings: RoomSettingsChange): Promise<Room> {
      const { room } = await hostAccess(principal, roomCode)
      if (room.status === 'ended') throw new AppError('ROOM_ENDED')
      if (Object.keys(settings).length === 0) return toRoom(room, publicUrl)
      const updated = await audit.transaction(async (tx, record) => {
        const updated = await rooms.updateSettings(room.id, settings, tx)
        if (!updated) throw new AppError('ROOM_ENDED')
        record({ action: 'room_configured', outcome: 'success', subject: room.id, roomId: room.id, details: settings })
        return updated
      })
      const changed = toRoom(updated, publicUrl)
      await roomEvents.append(room.id, { type: 'room.updated', room: changed })
      return changed
    },

    /** Ends the room for everyone: sockets learn of it, guests' tokens end. Ending twice is ending once. Throws NOT_FOUND, FORBIDDEN. */
    async end(principal: Principal, roomCode: string): Promise<void> {
      await endRoom((await hostAccess(principal, roomCode)).room, 'host')
    },

    /** Ends the room and removes all that is kept of it. Throws NOT_FOUND, FORBIDDEN. */
    async remove(principal: Principal, roomCode: string): Promise<void> {
      const { room } = await hostAccess(principal, roomCode)
      await endRoom(room, 'room_deleted')
      await audit.transaction(async (tx, record) => {
        if (await rooms.remove(room.id, tx))
          record({ action: 'room_deleted', outcome: 'success', subject: room.id, roomId: room.id })
      })
    },

    /** Ends every open room of a host. */
    async endAllOf(userId: string): Promise<void> {
      for (const room of await rooms.openOfHost(userId)) await endRoom(room, 'user_deleted')
    },
  }
}

/** 26 characters of lower-case base32: 130 random bits. 256 is a multiple of 32, so each character is equally likely. */
function newRoomCode(): string {
  return Array.from(randomBytes(ROOM_CODE_LENGTH), (byte) => BASE32.charAt(byte % 32)).join('')
}

/** A time from yesterday (somebody is late) to ten years ahead. */
function scheduledTime(value: string, now: Date): Date {
  const time = new Date(value)
  const ahead = time.getTime() - now.getTime()
  if (ahead >= -DAY_MS && ahead <= SCHEDULE_DAYS_AHEAD * DAY_MS) return time
  const details = [{ field: 'body.scheduled_at', message: 'must be in the next ten years' }]
  throw new AppError('VALIDATION_ERROR', undefined, { details })
}
