import { LRUCache } from 'lru-cache'

/** How often one subject has a line of its own, at the most, milliseconds. */
const EVERY_MS = 1000
/** Beyond so many at a time, some have a line more often. */
const SUBJECTS = 10_000

/**
 * Which of many lines about the same subject are written: one a second, with how many there were since the last. A flood, or what goes
 * wrong for thousands at once, fills no disk. Null: no line now; what came after the last line is told by none.
 */
export function createSparseLines(now: () => number = () => performance.now()): (subject: string) => number | null {
  const known = new LRUCache<string, { toldAt: number; since: number }>({ max: SUBJECTS })
  return (subject) => {
    const at = now()
    const told = known.get(subject)
    if (told && at - told.toldAt < EVERY_MS) {
      told.since += 1
      return null
    }
    known.set(subject, { toldAt: at, since: 0 })
    return (told?.since ?? 0) + 1
  }
}
