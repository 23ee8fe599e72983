import type { Redis } from 'ioredis'
import { roomEventsKey, roomSavedKey, roomSeqKey, UNSAVED_KEYS } from '../keys.ts'
import type { RoomEvent } from '../room-events.ts'
import type { Clock } from '../state.ts'
import { MARK_GRACE_MS, SAVE_DELAY_MS, SAVE_LEASE_MS, type Unsaved } from '../unsaved.ts'
import type { Keyspace } from './keyspace.ts'
import { clockArgument, runScript, type ScriptArgument, type ScriptName } from './script.ts'

/** A mark outlives the events it stands for. */
const MARKED_MS = 86_400_000
/** As long as the room's number itself. */
const SAVED_MS = 30 * 86_400_000
/** Nobody waits for a read, and what it reads may be large. */
const READ_BUDGET_MS = 2000

/** What is not saved yet, over all processes. */
export function createRedisUnsaved({ keyspace, now }: { keyspace: Keyspace; now?: Clock }): Unsaved {
  const clock = clockArgument(now)

  function call(name: ScriptName, args: ScriptArgument[]): Promise<unknown> {
    return keyspace.run(UNSAVED_KEYS[0], (redis) => runScript(redis, name, UNSAVED_KEYS, [clock(), ...args]))
  }

  return {
    async mark(roomId) {
      await call('fmMarkUnsaved', [roomId, SAVE_DELAY_MS, MARKED_MS])
    },
    async claim(max) {
      const [at, rooms] = (await call('fmClaimUnsaved', [max, SAVE_LEASE_MS])) as [string, string[]]
      const claimedAt = Number(at)
      return rooms.map((roomId) => ({ roomId, claimedAt, until: claimedAt + SAVE_LEASE_MS }))
    },
    async read(roomId, max) {
      const key = roomSeqKey(roomId)
      const keys = [key, roomEventsKey(roomId), roomSavedKey(roomId)]
      // One more than asked for tells whether there is more.
      const read = (redis: Redis) => runScript(redis, 'fmReadUnsaved', keys, [max + 1])
      const answer = await keyspace.run(key, read, READ_BUDGET_MS)
      const [lastSeq, savedSeq, entries] = answer as [number, number, [string, string[]][]]
      const events = entries.slice(0, max).map(([, fields]) => JSON.parse(fields[1] ?? '') as RoomEvent)
      const next = events[0]?.seq ?? lastSeq + 1
      return { events, savedSeq, more: entries.length > max, lost: savedSeq > 0 && next !== savedSeq + 1 }
    },
    async saved(roomId, seq) {
      const key = roomSavedKey(roomId)
      await keyspace.run(key, (redis) => redis.set(key, seq, 'PX', SAVED_MS))
    },
    async release({ roomId, claimedAt, until }) {
      await call('fmReleaseUnsaved', [roomId, claimedAt, until, SAVE_DELAY_MS, MARK_GRACE_MS])
    },
  }
}
