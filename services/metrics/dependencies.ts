import { Counter, Gauge, type Registry } from 'prom-client'
import type { DatabaseHandle } from '../../repositories/database.ts'
import type { MailJobsRepository } from '../../repositories/mail-jobs.ts'
import type { State } from '../../state/state.ts'
import { createBelief } from '../belief.ts'
import type { Passwords } from '../passwords.ts'

export interface DependencyMetricsDeps {
  registry: Registry
  state: Pick<State, 'status' | 'onRecovered' | 'roundTripMs'>
  database: Pick<DatabaseHandle, 'connections'>
  /** Whether the database answers. */
  databaseAnswers: () => Promise<boolean>
  /** Those of the servers; the vote worker sends no mail and knows no passwords. */
  mailJobs?: Pick<MailJobsRepository, 'backlog'>
  passwords?: Pick<Passwords, 'load'>
  now: () => Date
}

/** How long an answer is believed, milliseconds: however often the metrics are read, the stores are asked once a second. */
const BELIEVED_MS = 1_000

/**
 * How what a process stands on stands: asked when the registry is read. What is not known is left out, never a number of before. Without
 * Redis or PostgreSQL there is nothing to tell of them.
 */
export function createDependencyMetrics(deps: DependencyMetricsDeps): void {
  const { registry, state, database, databaseAnswers, mailJobs, passwords, now } = deps
  const registers = [registry]

  if (state.status() !== 'memory') {
    const roundTrip = createBelief(BELIEVED_MS, () => state.roundTripMs())
    new Gauge({
      ...{ name: 'fluentmeet_redis_up', help: '1 while Redis answers.', registers },
      collect() {
        this.set(state.status() === 'up' ? 1 : 0)
      },
    })
    new Gauge({
      ...{ name: 'fluentmeet_redis_round_trip_seconds', help: 'Time Redis took to answer just now.', registers },
      async collect() {
        const ms = await roundTrip()
        put(this, ms === null ? null : ms / 1000)
      },
    })
    const recoveries = new Counter({
      ...{ name: 'fluentmeet_redis_recoveries_total', help: 'How often Redis came back.', registers },
    })
    state.onRecovered(() => recoveries.inc())
  }

  new Gauge({
    ...{ name: 'fluentmeet_database_up', help: '1 while the database answers.', registers },
    async collect() {
      this.set((await databaseAnswers()) ? 1 : 0)
    },
  })
  if (database.connections())
    new Gauge({
      ...{
        name: 'fluentmeet_database_connections',
        help: 'Connections of the pool, and who waits for one.',
        registers,
      },
      labelNames: ['state'] as const,
      collect() {
        for (const [name, value] of Object.entries(database.connections() ?? {})) this.set({ state: name }, value)
      },
    })

  if (mailJobs) {
    const backlog = createBelief(BELIEVED_MS, async () => ((await databaseAnswers()) ? mailJobs.backlog() : null))
    new Gauge({
      ...{ name: 'fluentmeet_mail_waiting', help: 'Mails that are not sent yet, over all processes.', registers },
      async collect() {
        put(this, (await backlog())?.waiting ?? null)
      },
    })
    new Gauge({
      ...{ name: 'fluentmeet_mail_oldest_seconds', help: 'How long the oldest of them has waited.', registers },
      async collect() {
        const known = await backlog()
        const age = known?.oldest ? (now().getTime() - known.oldest.getTime()) / 1000 : 0
        put(this, known ? Math.max(0, age) : null)
      },
    })
  }

  if (passwords)
    new Gauge({
      ...{ name: 'fluentmeet_passwords', help: 'Passwords that are hashed, and that wait for it.', registers },
      labelNames: ['state'] as const,
      collect() {
        const { running, waiting } = passwords.load()
        this.set({ state: 'running' }, running)
        this.set({ state: 'waiting' }, waiting)
      },
    })
}

function put(gauge: Gauge, value: number | null): void {
  if (value === null) gauge.remove()
  else gauge.set(value)
}
