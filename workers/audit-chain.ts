import { Gauge, type Registry } from 'prom-client'
import type { AuditEventsRepository, ChainHead } from '../repositories/audit-events.ts'
import { GENESIS } from '../services/audit/chain.ts'
import { type Break, checkAnchors, verifyChain } from '../services/audit/verification.ts'
import type { Limiter } from '../state/limiter.ts'

const HOUR_MS = 3_600_000
/** A little less than an hour: a timer that fires early still gets its turn. */
const TURN = { name: 'audit_anchor', max: 1, windowMs: HOUR_MS - 60_000 }
/** How many of the last rows are checked at the start, and how many each hour. */
const AT_START = 10_000
const AN_HOUR = 200_000

export interface AuditChainOptions {
  auditEvents: Pick<AuditEventsRepository, 'head' | 'hashAt' | 'chain'>
  limiter: Limiter
  registry: Registry
  log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  now: () => Date
}

export type AuditChainWorker = ReturnType<typeof createAuditChainWorker>

/**
 * Watches the audit trail: each process checks what was appended since it looked last, and one of them says each hour in the log where the
 * chain ends. Whoever cuts the end off, or writes the chain anew, would have to change the log as well.
 */
export function createAuditChainWorker({ auditEvents, limiter, registry, log, now }: AuditChainOptions) {
  let checked: ChainHead | null = null
  let broken: Break | null = null
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const gauge = new Gauge({
    name: 'fluentmeet_audit_chain_broken',
    help: '1 when the audit trail was changed: see audit:verify',
    registers: [registry],
  })
  gauge.set(0)

  async function anchor(): Promise<void> {
    const { seq, hash } = (await auditEvents.head()) ?? GENESIS
    log.info({ event: 'audit_anchor', seq, hash, at: now().toISOString() }, 'audit anchor')
  }

  /** The row behind which checking begins: what is before it is for `audit:verify`. */
  async function beginning(): Promise<ChainHead> {
    const seq = ((await auditEvents.head())?.seq ?? 0) - AT_START
    const hash = seq > 0 ? await auditEvents.hashAt(seq) : null
    return hash === null ? GENESIS : { seq, hash }
  }

  async function verify(): Promise<void> {
    const from = checked ?? (await beginning())
    const anchored = await checkAnchors(auditEvents, [from])
    const result = anchored ? null : await verifyChain(auditEvents, from, AN_HOUR)
    broken = anchored ?? result?.broken ?? null
    checked = result?.head ?? from
    gauge.set(broken ? 1 : 0)
    if (broken) log.error({ event: 'audit_chain_broken', ...broken }, 'the audit trail was changed')
  }

  async function hourly(): Promise<void> {
    await verify()
    const { admitted } = await limiter.admit({ limits: [TURN], subject: 'ip:audit' })
    if (admitted) await anchor()
  }

  /** One after the other; a database that is down is asked again next time. */
  function run(task: () => Promise<void>): Promise<void> {
    running = running.then(task).catch((err: unknown) => log.warn({ err }, 'the audit trail could not be checked'))
    return running
  }

  return {
    /** What is done every hour. */
    hourly: () => run(hourly),

    /** Says where the chain ends, and goes on every hour. */
    start(): void {
      void run(anchor)
      void run(verify)
      timer = setInterval(() => void run(hourly), HOUR_MS)
      timer.unref()
    },

    /** The end of the chain, how far it was checked here, and where it does not hold. */
    async status(): Promise<{ seq: number; hash: string; checked_seq: number; broken_seq: number | null }> {
      const { seq, hash } = (await auditEvents.head()) ?? GENESIS
      return { seq, hash, checked_seq: checked?.seq ?? 0, broken_seq: broken?.seq ?? null }
    },

    /** Waits for what is under way, and says where the chain ends now. */
    async close(): Promise<void> {
      clearInterval(timer)
      await run(anchor)
    },
  }
}
