import { TransactionRollbackError } from 'drizzle-orm/errors'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { MeetingsDeps } from './deps.ts'
import type { Ending } from './ending.ts'
import { createNotices } from './notices.ts'

/** How long a room keeps a host that is away. */
const HOST_AWAY_MS = 600_000
/** Rooms looked at in one go. */
const BATCH = 200

/** What becomes of rooms that their hosts left alone. */
export function createHosting(deps: MeetingsDeps, { endUnseen }: Pick<Ending, 'endUnseen'>) {
  const { audit, rooms, participants, now } = deps
  const { presence, roomEvents } = deps.state
  const notices = createNotices(roomEvents)

  /** Null when the host came back, the heir was put out, or another process did it: then all stays as it was. */
  function passOn(room: RoomRecord, heir: ParticipantRecord, userId: string): Promise<ParticipantRecord[] | null> {
    return audit.transaction(async (tx, record) => {
      if (!(await rooms.passOn(room, userId, now(), tx))) return null
      const host = await participants.setRole(heir.id, ['co_host'], 'host', tx)
      if (!host) {
        tx.rollback()
        return null
      }
      const before = await participants.findByUser(room.id, room.host_user_id, tx)
      const former = before && (await participants.setRole(before.id, ['host'], 'co_host', tx))
      record({ action: 'host_changed', outcome: 'success', subject: host.id, roomId: room.id })
      return former ? [host, former] : [host]
    })
  }

  async function settle(room: RoomRecord): Promise<void> {
    const ids = await presence.list(room.id)
    const present = await participants.joinedAmong(room.id, ids)
    if (present.some(({ user_id }) => user_id === room.host_user_id)) return rooms.hostSeen(room.id, ids, now(), 0)
    const heir = present.find(({ role, user_id }) => role === 'co_host' && user_id !== null)
    if (!heir?.user_id) return endUnseen(room)
    const changed = await passOn(room, heir, heir.user_id).catch((error: unknown) => {
      if (error instanceof TransactionRollbackError) return null
      throw error
    })
    for (const record of changed ?? []) await notices.updated(record)
  }

  return {
    /**
     * Rooms whose host was there and is away for ten minutes pass to the co-host who is longest inside, and end when there is none. A room
     * that its host never entered is left alone. Safe on any number of processes at once. Throws when a store does not answer.
     */
    async settleHostless(): Promise<void> {
      const failures: unknown[] = []
      const away = await rooms.hostAway(new Date(now().getTime() - HOST_AWAY_MS), BATCH)
      // One room that fails does not keep the others.
      for (const room of away) await settle(room).catch((error: unknown) => failures.push(error))
      if (failures.length > 0) throw failures[0]
    },
  }
}
