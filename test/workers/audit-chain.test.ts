import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { createAuditEventsRepository } from '../../repositories/audit-events.ts'
import { readAnchor } from '../../services/audit/anchors.ts'
import { checkAnchors } from '../../services/audit/verification.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { createAuditChainWorker } from '../../workers/audit-chain.ts'
import { buildTestApp, captureLog } from '../helper.ts'
import { rowsOf, tamper } from '../support/audit.ts'
import { backends } from '../support/backends.ts'
import { auditOf, openTestDatabase } from '../support/meetings.ts'
import { FAILURES, openRedisState } from '../support/states.ts'

async function open(t: Test, backend: (typeof backends)[number]) {
  const { databaseUrl, redisUrl } = await backend.open(t)
  const { db } = await openTestDatabase(t, databaseUrl)
  const state = redisUrl ? await openRedisState(t, redisUrl) : createMemoryState({ failures: FAILURES })
  const auditEvents = createAuditEventsRepository(db)
  const audit = auditOf(db)
  const log = captureLog()
  /** One process of several. */
  function start() {
    const registry = new Registry()
    const options = { auditEvents, limiter: state.limiter, registry, log: log.logger, now: () => new Date() }
    const worker = createAuditChainWorker(options)
    t.teardown(() => worker.close())
    const broken = async () => /^fluentmeet_audit_chain_broken (\d)$/m.exec(await registry.metrics())?.[1]
    return { ...worker, broken }
  }
  const write = async (count: number) => {
    for (let i = 0; i < count; i++) await audit.record({ action: 'login', outcome: 'success', subject: randomUUID() })
  }
  return { db, auditEvents, log, start, write }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    t.test('of several processes one says each hour where the chain ends', async (t) => {
      const { auditEvents, log, start, write } = await open(t, backend)
      await write(3)
      const processes = [start(), start(), start()]
      await Promise.all(processes.map(({ hourly }) => hourly()))
      const lines = log.of('audit_anchor')
      t.match(lines, [{ level: 'info', seq: 3, hash: (await auditEvents.head())?.hash, at: /^\d{4}-.*Z$/ }])
      t.equal(lines.length, 1)
      const anchor = readAnchor(`server-1 | ${log.lines.find((line) => line.includes('audit_anchor'))}`)
      t.equal(await checkAnchors(auditEvents, anchor ? [anchor] : []), null, 'and the line is an anchor')
    })

    t.test('what was appended since is checked, and a change is told and measured', async (t) => {
      const { db, log, start, write } = await open(t, backend)
      await write(3)
      const worker = start()
      await worker.hourly()
      t.match(await worker.status(), { seq: 3, checked_seq: 3, broken_seq: null })
      t.equal(await worker.broken(), '0')
      await write(4)
      await tamper(db, sql`update audit_events set outcome = 'failure' where seq = 6`)
      await worker.hourly()
      t.equal(await worker.broken(), '1')
      t.match(log.of('audit_chain_broken'), [{ level: 'error', seq: 6, problem: /changed/ }])
      t.match(await worker.status(), { seq: 7, checked_seq: 5, broken_seq: 6 })
      await worker.hourly()
      t.equal(await worker.broken(), '1', 'it stays so')
    })

    t.test('a tail that is cut off below what was checked is seen', async (t) => {
      const { db, start, write } = await open(t, backend)
      await write(4)
      const worker = start()
      await worker.hourly()
      await tamper(db, sql`delete from audit_events where seq > 2`)
      await worker.hourly()
      t.equal(await worker.broken(), '1')
      await write(3)
      await worker.hourly()
      t.equal(await worker.broken(), '1', 'also when the places are taken again')
    })
  })
}

t.test('a server says where the chain ends when it starts and when it ends, and its trail holds', async (t) => {
  const log = captureLog()
  const app = await buildTestApp(t, { overrides: { logger: log.logger } })
  const body = { email: 'ana@example.org', password: 'a long passphrase 7', full_name: 'Ana', accepted_terms: true }
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/auth/signup', payload: body })).statusCode, 201)
  await app.services.auditChain.hourly()
  t.match(await app.services.metrics.registry.metrics(), 'fluentmeet_audit_chain_broken 0')
  const [row] = await rowsOf(app.services.database.db)
  await app.close()
  const anchors = log.of('audit_anchor')
  t.match(anchors[0], { seq: 0, hash: 'A'.repeat(43) })
  t.match(anchors.at(-1), { seq: 1, hash: row?.hash })
})
