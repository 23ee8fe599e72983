/** Work in order per key, with a bound on how much waits. */
export interface Chains {
  /** Runs the task after all earlier ones of the key; false, and nothing is run, when `max` already wait. */
  push(key: string, task: () => Promise<void>): boolean
  /** Resolves when all the work there is now is done. */
  idle(): Promise<void>
}

/** Tasks report their own errors: a rejected one does not stop those behind it. */
export function createChains(max: number): Chains {
  const chains = new Map<string, { waiting: number; tail: Promise<void> }>()
  return {
    push(key, task) {
      const chain = chains.get(key) ?? { waiting: 0, tail: Promise.resolve() }
      if (chain.waiting >= max) return false
      chains.set(key, chain)
      chain.waiting += 1
      chain.tail = chain.tail
        .then(task)
        .catch(() => {})
        .then(() => {
          chain.waiting -= 1
          if (chain.waiting === 0) chains.delete(key)
        })
      return true
    },
    async idle() {
      await Promise.all([...chains.values()].map(({ tail }) => tail))
    },
  }
}
