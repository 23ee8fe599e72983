/**
 * Asks at most once in `ms`, however often it is asked, and answers what is believed meanwhile. Null when asking failed.
 */
export function createBelief<T>(ms: number, ask: () => Promise<T>): () => Promise<T | null> {
  let asked: { at: number; answer: Promise<T | null> } | null = null
  return () => {
    const now = performance.now()
    if (!asked || now - asked.at > ms) asked = { at: now, answer: ask().catch(() => null) }
    return asked.answer
  }
}
