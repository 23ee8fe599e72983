/**
 * Joins calls for the same key that come while one is under way: they share the next one, which begins after all of them. So each gets
 * an answer that is not older than its call, and however many call, one at a time is under way.
 */
export function coalesce<T>(work: (key: string) => Promise<T>): (key: string) => Promise<T> {
  interface Run {
    readonly current: Promise<T>
    next: Promise<T> | null
  }
  const runs = new Map<string, Run>()

  function begin(key: string): Promise<T> {
    const run: Run = { current: work(key), next: null }
    runs.set(key, run)
    const end = (): void => {
      if (runs.get(key) === run) runs.delete(key)
    }
    run.current.then(end, end)
    return run.current
  }

  return (key) => {
    const run = runs.get(key)
    if (!run) return begin(key)
    const again = () => begin(key)
    run.next ??= run.current.then(again, again)
    return run.next
  }
}
