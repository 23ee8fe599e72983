/** Work that is asked for more often than it is done. */
export interface Throttle {
  /** Has `work` done for a key: at once, or some time after it was done last, and then with what was asked last. */
  ask(key: string, work: () => Promise<void>): void
}

/** For each key one at a time, and `restMs` of rest between the end of one and the next. What fails is told and goes no further. */
export function createThrottle(restMs: number, onError: (error: unknown) => void): Throttle {
  const busy = new Map<string, { next: (() => Promise<void>) | null }>()

  async function run(key: string, work: () => Promise<void>): Promise<void> {
    await work().catch(onError)
    setTimeout(() => rested(key), restMs).unref()
  }

  function rested(key: string): void {
    const entry = busy.get(key)
    const work = entry?.next
    if (!entry || !work) return void busy.delete(key)
    entry.next = null
    void run(key, work)
  }

  return {
    ask(key, work) {
      const entry = busy.get(key)
      if (entry) {
        entry.next = work
        return
      }
      busy.set(key, { next: null })
      void run(key, work)
    },
  }
}
