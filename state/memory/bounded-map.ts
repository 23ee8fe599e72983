/** How many subjects a part of the state remembers before it forgets the least recent. */
export const MAX_SUBJECTS = 100_000

export interface BoundedMap<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
  values(): IterableIterator<V>
  entries(): IterableIterator<[string, V]>
  readonly size: number
}

/**
 * A map that stays bounded without a timer: each new key looks at the two oldest and drops those that `expired` says nobody needs,
 * or sends them to the back. Above `max` keys the one at the front goes, needed or not.
 */
export function createBoundedMap<V>(expired: (value: V) => boolean, max: number = MAX_SUBJECTS): BoundedMap<V> {
  const map = new Map<string, V>()

  function prune(): void {
    for (let looked = 0; looked < 2; looked++) {
      const oldest = map.entries().next().value
      if (!oldest) return
      map.delete(oldest[0])
      if (!expired(oldest[1])) map.set(oldest[0], oldest[1])
    }
    if (map.size < max) return
    const front = map.keys().next().value
    if (front !== undefined) map.delete(front)
  }

  return {
    get: (key) => map.get(key),
    set(key, value) {
      if (!map.has(key)) prune()
      map.set(key, value)
    },
    delete: (key) => void map.delete(key),
    values: () => map.values(),
    entries: () => map.entries(),
    get size() {
      return map.size
    },
  }
}
