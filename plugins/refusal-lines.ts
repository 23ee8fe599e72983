import { LRUCache } from 'lru-cache'

/** How often one subject has a line of its own, at the most, milliseconds. */
const EVERY_MS = 1000
/** Beyond so many that are refused at a time, some have a line more often. */
const SUBJECTS = 10_000

/**
 * Who may have a line about being refused: each once a second, with how many there were since the last. A flood fills no disk, and costs
 * less than what is served; what came after its last line is in the metrics alone. Null: no line now.
 */
export function createRefusalLines(now: () => number = () => performance.now()): (subject: string) => number | null {
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
