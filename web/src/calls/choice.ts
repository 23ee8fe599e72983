import type { Participant } from '../api/types.ts'

export type Rank = (a: string, b: string) => number

/** Whom of `others` to be connected with when a call holds `max` people: all who rank alike come to the same call. */
export function chooseOthers(selfId: string, others: readonly string[], max: number, rank: Rank): string[] {
  const call = [...new Set([...others, selfId])].sort(rank).slice(0, max)
  return call.includes(selfId) ? call.filter((id) => id !== selfId) : []
}

/** Those who came first are first, so that who comes late puts nobody out of a call. */
export function byArrival(people: () => readonly Pick<Participant, 'id' | 'joined_at'>[]): Rank {
  return (a, b) => {
    const [first, second] = [a, b].map((id) => people().find((one) => one.id === id)?.joined_at ?? '~')
    return compare(first, second) || compare(a, b)
  }
}

/** By code units: the same in every browser and language. */
export function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}
