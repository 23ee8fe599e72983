import { steadyClock } from '../clock.ts'
import type { RoomEvents } from '../room-events.ts'
import type { Clock } from '../state.ts'
import { MARK_GRACE_MS, SAVE_DELAY_MS, SAVE_LEASE_MS, type Unsaved } from '../unsaved.ts'
import { createBoundedMap } from './bounded-map.ts'

interface Mark {
  markedAt: number
  dueAt: number
  /** Until when somebody has it; 0: nobody. */
  until: number
}

/** What is not saved yet, within one process. */
export function createMemoryUnsaved(options: {
  roomEvents: Pick<RoomEvents, 'after' | 'lastSeq'>
  now?: Clock
}): Unsaved {
  const { roomEvents, now = steadyClock } = options
  const marks = createBoundedMap<Mark>(() => false)
  const savedSeqs = createBoundedMap<number>(() => false)

  return {
    async mark(roomId) {
      const at = now()
      const known = marks.get(roomId)
      if (!known) marks.set(roomId, { markedAt: at, dueAt: at + SAVE_DELAY_MS, until: 0 })
      else {
        known.markedAt = at
        if (known.until <= at) known.dueAt = Math.min(known.dueAt, at + SAVE_DELAY_MS)
      }
    },
    async claim(max) {
      const at = now()
      const due = [...marks.entries()].filter(([, { dueAt }]) => dueAt <= at)
      return due
        .toSorted(([, a], [, b]) => a.dueAt - b.dueAt)
        .slice(0, max)
        .map(([roomId, mark]) => {
          mark.until = at + SAVE_LEASE_MS
          mark.dueAt = mark.until
          return { roomId, claimedAt: at, until: mark.until }
        })
    },
    async read(roomId, max) {
      const known = savedSeqs.get(roomId) ?? 0
      const savedSeq = known > (await roomEvents.lastSeq(roomId)) ? 0 : known
      const { events, complete } = await roomEvents.after(roomId, savedSeq)
      return { events: events.slice(0, max), savedSeq, more: events.length > max, lost: savedSeq > 0 && !complete }
    },
    async saved(roomId, seq) {
      savedSeqs.set(roomId, seq)
    },
    async release({ roomId, claimedAt, until }) {
      const mark = marks.get(roomId)
      if (mark?.until !== until) return
      mark.until = 0
      if (mark.markedAt + MARK_GRACE_MS <= claimedAt) marks.delete(roomId)
      else if (mark.markedAt > claimedAt) mark.dueAt = mark.markedAt + SAVE_DELAY_MS
      else mark.dueAt = mark.markedAt + MARK_GRACE_MS
    },
  }
}
