import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { seedAccounts } from './attack/accounts.ts'
import { type Attack, type Attacked, createAttacks, FLOOD_PER_SECOND, LOGINS, SOCKETS } from './attack/attacks.ts'
import { measureRefusals } from './attack/refusals.ts'
import { note } from './attack/wires.ts'
import type { Loaded } from './load.ts'
import { machine } from './machine.ts'
import { firstWord, startLoader, startWorker } from './processes.ts'
import { openStand, report, spread } from './stand.ts'

// `npm run bench:attack`: what becomes of those who behave while others sign in by hundreds, flood the server from one address, or open
// sockets that are refused; each beside the same without, in turn, round after round. Then what a refusal costs beside a request that is
// served. Server, attackers and those who behave are processes of their own, on one machine. A report, not a test.

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const WINDOW_MS = 4_000
/** An attack is under way before it is looked at. */
const LEAD_MS = 500
const OTHERS = 10
const OTHERS_PER_SECOND = 500
/** So many that none comes near a limit. */
const USERS = 2_000

type Seen = Loaded & { readonly attack: Attacked | null }

const environment = machine()
const stand = await openStand()

try {
  const { redisUrl, databaseUrl, secret, tokens } = stand
  const server = await startSide('fluentmeet', { TRUSTED_PROXIES: '127.0.0.0/8' })
  const elsewhere = await startSide('bare', {})
  const others = startLoader()
  const attackers = startLoader()
  const control = new Redis(redisUrl)
  stand.atEnd(others.close)
  stand.atEnd(attackers.close)
  stand.atEnd(() => control.disconnect())

  const { port } = server
  const wire = Array.from({ length: USERS }, () => note(tokens.issueAccess(randomUUID(), randomUUID()).token))
  const accounts = await seedAccounts(stand.db, LOGINS)
  const attacks: Record<string, Attack> = createAttacks({
    ...{ port, elsewhere: elsewhere.port, accounts },
    run: attackers.run,
  })

  async function startSide(name: string, settings: object) {
    const worker = startWorker('path/side.ts', [name, redisUrl, secret, databaseUrl, JSON.stringify(settings)])
    stand.atEnd(worker.close)
    const { port } = await firstWord<{ port: number }>(worker)
    return { port, cpu: async () => (await worker.ask<{ cpu_us: number }>({})).cpu_us }
  }

  const behave = (perSecond: number, forMs: number) => {
    const requests = Math.ceil((perSecond * forMs) / 1000)
    return others.run({ port, connections: OTHERS, requests, perSecond, forMs, wire, statuses: [200] })
  }

  async function lookAt(attack: Attack | null): Promise<Seen> {
    const attacking = attack?.(WINDOW_MS + LEAD_MS) ?? null
    // Looked at when it is awaited, below.
    attacking?.catch(() => undefined)
    await sleep(LEAD_MS)
    const seen = await behave(OTHERS_PER_SECOND, WINDOW_MS)
    return { ...seen, attack: await attacking }
  }

  const quiet: Seen[] = []
  const seen = Object.entries(attacks).map(([name, attack]) => ({ name, attack, rounds: [] as Seen[] }))
  await others.run({ port, connections: OTHERS, requests: 10_000, wire, statuses: [200] })
  for (let round = 0; round < ROUNDS; round++) {
    await control.flushall()
    quiet.push(await lookAt(null))
    for (const { attack, rounds } of seen) rounds.push(await lookAt(attack))
    console.error(`round ${round + 1} of ${ROUNDS}`)
  }
  const refusals = await measureRefusals({
    ...{ port, rounds: 6 * ROUNDS, tokens, run: attackers.run, cpu: server.cpu },
  })

  const times = (rounds: readonly Seen[]) => ({
    p50_ms: spread(rounds.map(({ p50_ms }) => p50_ms)),
    p99_ms: spread(rounds.map(({ p99_ms }) => p99_ms)),
  })
  const toQuiet = (rounds: readonly Seen[], of: 'p50_ms' | 'p99_ms') =>
    spread(rounds.map((each, i) => each[of] / (quiet[i]?.[of] ?? Number.NaN)))
  report('attack', {
    machine: environment,
    measured: `${ROUNDS} rounds of ${WINDOW_MS / 1000} s each, in turn: ${OTHERS_PER_SECOND} requests a second of others over ${OTHERS} connections, quiet and under attack; the attackers have a process on the same machine`,
    attacks_are: {
      logins: `${LOGINS} logins under way, from as many addresses`,
      flood: `one address, up to ${FLOOD_PER_SECOND} requests a second into 429`,
      flood_elsewhere: 'the same flood at another server of the same machine (bare Fastify)',
      sockets: `${SOCKETS} sockets at once, each second, refused`,
    },
    quiet: times(quiet),
    attacks: Object.fromEntries(
      seen.map(({ name, rounds }) => [
        name,
        {
          ...times(rounds),
          p50_to_quiet: toQuiet(rounds, 'p50_ms'),
          p99_to_quiet: toQuiet(rounds, 'p99_ms'),
          attack_per_second: spread(rounds.flatMap(({ attack }) => attack?.per_second ?? [])),
          answers: summed(rounds.map(({ attack }) => attack?.answers ?? {})),
        },
      ]),
    ),
    refusals,
  })
} finally {
  await stand.close()
}

function summed(counts: readonly Loaded['answers'][]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const [status, count] of counts.flatMap((each) => Object.entries(each)))
    sums[status] = (sums[status] ?? 0) + count
  return sums
}
