import { randomUUID } from 'node:crypto'
import type { Tokens } from '../../services/tokens.ts'
import type { Load, Loaded } from '../load.ts'
import { spread } from '../stand.ts'
import { note } from './wires.ts'

/** Requests a minute that each user has, by the default settings; each round has users of its own. */
const LIMIT = 300
const USERS = 20

export interface Refusals {
  readonly port: number
  readonly rounds: number
  readonly tokens: Pick<Tokens, 'issueAccess'>
  run(load: Load): Promise<Loaded>
  /** The CPU time of the server so far. */
  cpu(): Promise<number>
}

/**
 * What a request costs that is refused with 429, beside the same that is served: users use up their limits with requests that are all
 * served, and then send them all once more.
 */
export async function measureRefusals({ port, rounds, tokens, run, cpu }: Refusals) {
  const requests = USERS * LIMIT
  const served: number[] = []
  const refused: number[] = []

  /** Null when Redis was late on this machine: the server then counted a part of it for itself, and answered otherwise. */
  async function costOf(status: number, wire: readonly string[]): Promise<number | null> {
    const before = await cpu()
    const { answers } = await run({ port, connections: 50, requests, wire, statuses: [200, 429] })
    const cost = ((await cpu()) - before) / requests
    return (answers[status] ?? 0) < 0.99 * requests ? null : cost
  }

  // The first is for the compiler.
  for (let round = -1; round < rounds; round++) {
    const wire = Array.from({ length: USERS }, () => note(tokens.issueAccess(randomUUID(), randomUUID()).token))
    const [cost, costRefused] = [await costOf(200, wire), await costOf(429, wire)]
    if (round < 0 || cost === null || costRefused === null) continue
    served.push(cost)
    refused.push(costRefused)
  }
  if (served.length < rounds / 2) throw new Error(`only ${served.length} of ${rounds} rounds were answered as expected`)
  return {
    rounds: served.length,
    cpu_us_served: spread(served),
    cpu_us_refused: spread(refused),
    refused_to_served: spread(refused.map((cost, i) => cost / (served[i] ?? Number.NaN))),
  }
}
