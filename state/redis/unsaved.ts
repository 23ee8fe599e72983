import { roomEventsKey, roomSavedKey, roomSeqKey, UNSAVED_KEYS } from '../keys.ts'
import type { RoomEvent } from '../room-events.ts'
import type { Clock } from '../state.ts'
import { MARK_GRACE_MS, SAVE_DELAY_MS, SAVE_LEASE_MS, type Unsaved } from '../unsaved.ts'
import type { Connection } from './connection.ts'
import { clockArgument, defineScript } from './script.ts'
import * as scripts from './scripts/unsaved.ts'

/** A mark outlives the events it stands for. */
const MARKED_MS = 86_400_000
/** As long as the room's number itself. */
const SAVED_MS = 30 * 86_400_000
/** Nobody waits for a read, and what it reads may be large. */
const READ_BUDGET_MS = 2000

/** What is not saved yet, over all processes. */
export function createRedisUnsaved({ connection, now }: { connection: Connection; now?: Clock }): Unsaved {
  const { redis, run } = connection
  const clock = clockArgument(now)
  const mark = defineScript(redis, 'fmMarkUnsaved', scripts.MARK)
  const claim = defineScript(redis, 'fmClaimUnsaved', scripts.CLAIM)
  const release = defineScript(redis, 'fmReleaseUnsaved', scripts.RELEASE)
  const read = defineScript(redis, 'fmReadUnsaved', scripts.READ)

  return {
    async mark(roomId) {
      await run(() => mark(UNSAVED_KEYS, [clock(), roomId, SAVE_DELAY_MS, MARKED_MS]))
    },
    async claim(max) {
      const args = [clock(), max, SAVE_LEASE_MS]
      const [at, rooms] = (await run(() => claim(UNSAVED_KEYS, args))) as [string, string[]]
      const claimedAt = Number(at)
      return rooms.map((roomId) => ({ roomId, claimedAt, until: claimedAt + SAVE_LEASE_MS }))
    },
    async read(roomId, max) {
      const keys = [roomSeqKey(roomId), roomEventsKey(roomId), roomSavedKey(roomId)]
      // One more than asked for tells whether there is more.
      const answer = await run(() => read(keys, [max + 1]), READ_BUDGET_MS)
      const [lastSeq, savedSeq, entries] = answer as [number, number, [string, string[]][]]
      const events = entries.slice(0, max).map(([, fields]) => JSON.parse(fields[1] ?? '') as RoomEvent)
      const next = events[0]?.seq ?? lastSeq + 1
      return { events, savedSeq, more: entries.length > max, lost: savedSeq > 0 && next !== savedSeq + 1 }
    },
    async saved(roomId, seq) {
      await run(() => redis.set(roomSavedKey(roomId), seq, 'PX', SAVED_MS))
    },
    async release({ roomId, claimedAt, until }) {
      const args = [clock(), roomId, claimedAt, until, SAVE_DELAY_MS, MARK_GRACE_MS]
      await run(() => release(UNSAVED_KEYS, args))
    },
  }
}
