import { randomUUID } from 'node:crypto'
import { type SQL, sql } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { createAuditEventsRepository } from '../../repositories/audit-events.ts'
import { openDatabase } from '../../repositories/database.ts'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { users } from '../../repositories/schema.ts'
import { createAuditTrail } from '../../services/audit/trail.ts'
import { checkAnchors, verifyChain } from '../../services/audit/verification.ts'
import type { Act } from '../../services/audit.ts'
import { rowsOf, tamper } from '../support/audit.ts'
import { type Backend, backends } from '../support/backends.ts'
import { dataFolder } from '../support/data-folder.ts'
import { auditOf, openTestDatabase } from '../support/meetings.ts'

const act = (change: Partial<Act> = {}): Act => ({
  action: 'login',
  outcome: 'success',
  subject: randomUUID(),
  ...change,
})

async function open(t: Test, backend: Backend) {
  const { databaseUrl } = await backend.open(t)
  const { db, addUser } = await openTestDatabase(t, databaseUrl)
  const auditEvents = createAuditEventsRepository(db)
  let time = Date.now()
  const lines: unknown[][] = []
  const now = () => new Date(time)
  const audit = auditOf(db, { now, securityLog: (...line) => void lines.push(line) })
  const advance = (ms: number) => {
    time += ms
  }
  const verify = () => verifyChain(auditEvents)
  return { databaseUrl, db, addUser, auditEvents, audit, lines, advance, now, verify }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    t.test('what is rolled back leaves neither a row nor a line', async (t) => {
      const { audit, db, lines, verify } = await open(t, backend)
      await audit.record(act())
      const failing = audit.transaction(async (_tx, record) => {
        record(act())
        throw new Error('changed my mind')
      })
      await t.rejects(failing, { message: 'changed my mind' })
      await audit.record(act())
      t.strictSame(
        (await rowsOf(db)).map(({ seq }) => seq),
        [1, 2],
      )
      t.equal(lines.length, 2)
      t.match(await verify(), { head: { seq: 2 }, rows: 2, broken: null })
    })

    t.test('a row that cannot be written takes the act with it; a refusal is answered as it is', async (t) => {
      const { db, addUser } = await open(t, backend)
      const { userId } = await addUser()
      const errors: object[] = []
      const lockHead = async () => {
        throw new Error('no chain today')
      }
      const auditEvents = { ...createAuditEventsRepository(db), lockHead }
      const audit = auditOf(db, { auditEvents, log: { error: (fields) => void errors.push(fields) } })
      const renamed = audit.transaction(async (tx, record) => {
        await tx.update(users).set({ full_name: 'Eve' })
        record(act({ subject: userId }))
      })
      await t.rejects(renamed, { message: 'no chain today' })
      t.equal((await db.select().from(users))[0]?.full_name, 'Ana')
      await audit.note(act({ outcome: 'failure' }))
      t.match(errors, [{ action: 'login' }])
    })

    t.test('many that write at once, here and in another process, make one chain without a gap', async (t) => {
      const { audit, db, databaseUrl, verify, addUser } = await open(t, backend)
      const { userId } = await addUser()
      const other = databaseUrl
        ? await openDatabase({ databaseUrl, dataDir: dataFolder(t) }, { warn: () => undefined })
        : null
      if (other) t.teardown(() => other.close())
      const writers = [audit, other ? auditOf(other.db) : auditOf(db)]
      await Promise.all(
        Array.from({ length: 120 }, (_, i) =>
          writers[i % 2]
            ?.transaction(async (tx, record) => {
              record(act())
              // A row that all of them want, taken after the act was noted: nobody waits in a circle.
              await tx.execute(sql`update users set full_name = ${`Ana ${i}`} where id = ${userId}`)
              if (i % 10 === 0) record(act({ action: 'logout' }))
              if (i % 40 === 1) throw new Error('rolled back')
            })
            .catch((error: Error) => t.equal(error.message, 'rolled back')),
        ),
      )
      const rows = await rowsOf(db)
      t.equal(rows.length, 117 + 12)
      t.strictSame(
        rows.map(({ seq }) => seq),
        rows.map((_, i) => i + 1),
      )
      t.match(await verify(), { broken: null, rows: rows.length })
    })

    t.test('every kind of detail is hashed as the database gives it back', async (t) => {
      const { audit, verify } = await open(t, backend)
      const details = { z: 1, a: 'ünï "quoted" \\ \u2028', list: ['b', 'a'], none: null, no: false, B: -5 }
      await audit.record(act({ details, roomId: randomUUID(), actor: { kind: 'guest', id: randomUUID() } }))
      t.match(await verify(), { broken: null, rows: 1 })
    })

    t.test('a changed, missing, moved or added row is found, and where', async (t) => {
      const changes: Record<string, [SQL | SQL[], number, RegExp]> = {
        'another outcome': [sql`update audit_events set outcome = 'failure' where seq = 4`, 4, /changed/],
        'other details': [sql`update audit_events set details = '{"a": 2}' where seq = 4`, 4, /changed/],
        'a microsecond': [sql`update audit_events set at = at + interval '7 microseconds' where seq = 4`, 4, /changed/],
        'an emptied column': [sql`update audit_events set actor_id = null where seq = 4`, 4, /changed/],
        'another hash': [sql`update audit_events set hash = ${'B'.repeat(43)} where seq = 4`, 4, /changed/],
        'a missing first row': [sql`delete from audit_events where seq = 1`, 1, /missing/],
        'a missing row': [sql`delete from audit_events where seq = 4`, 4, /missing/],
        'a row that was closed up over': [
          [sql`delete from audit_events where seq = 6`, sql`update audit_events set seq = 6 where seq = 7`],
          6,
          /changed/,
        ],
        'two that changed places': [
          [
            sql`update audit_events set seq = seq + 1000 where seq in (3, 4)`,
            sql`update audit_events set seq = case seq when 1003 then 4 else 3 end where seq > 1000`,
          ],
          3,
          /changed/,
        ],
        'an added row': [
          sql`insert into audit_events select 8, at, action, outcome, actor_kind, actor_id, subject, room_id, address, request_id, details, hash, hash from audit_events where seq = 7`,
          8,
          /changed/,
        ],
      }
      for (const [name, [statement, seq, problem]] of Object.entries(changes)) {
        const { audit, db, verify } = await open(t, backend)
        for (let i = 0; i < 7; i++)
          await audit.record(act({ details: { a: 1 }, actor: { kind: 'user', id: randomUUID() } }))
        for (const each of [statement].flat()) await tamper(db, each)
        t.match(await verify(), { broken: { seq, problem }, rows: seq - 1 }, name)
      }
    })

    t.test('a tail that was cut off, or a chain written anew, is seen by an anchor alone', async (t) => {
      const { audit, db, auditEvents, verify } = await open(t, backend)
      for (let i = 0; i < 5; i++) await audit.record(act())
      const [early, late] = [(await rowsOf(db))[1], await auditEvents.head()]
      if (!early || !late) return void t.fail('rows')
      t.equal(await checkAnchors(auditEvents, [early, late]), null)
      await tamper(db, sql`delete from audit_events where seq > 3`)
      t.match(await verify(), { broken: null, rows: 3 })
      t.match(await checkAnchors(auditEvents, [early, late]), { seq: 5, problem: /missing/ })
      await audit.record(act())
      await audit.record(act())
      t.match(await verify(), { broken: null, rows: 5 })
      t.match(await checkAnchors(auditEvents, [early, late]), { seq: 5, problem: /written anew/ })
    })

    t.test('the table refuses changes from whoever has no more than the server', async (t) => {
      const { audit, db } = await open(t, backend)
      await audit.record(act())
      for (const statement of [
        sql`update audit_events set seq = 2`,
        sql`delete from audit_events`,
        sql`truncate audit_events`,
      ])
        await t.rejects(db.execute(statement), /append-only/)
    })

    t.test('refusals are folded by minute and bounded; what was held back is counted', async (t) => {
      const { audit, db, lines, advance, verify } = await open(t, backend)
      const same = act({ outcome: 'refused', details: { reason: 'too_many_failures' } })
      for (let i = 0; i < 4; i++) await audit.note(same)
      t.equal((await rowsOf(db)).length, 1)
      advance(60_001)
      await audit.note(same)
      t.match((await rowsOf(db)).at(-1)?.details, { reason: 'too_many_failures', repeated: 3 })
      t.equal(lines.length, 5)
      for (let i = 0; i < 310; i++) await audit.note(act({ outcome: 'refused' }))
      t.equal((await rowsOf(db)).length, 301)
      advance(60_001)
      await audit.note(act({ outcome: 'refused' }))
      t.match((await rowsOf(db)).at(-1), { action: 'refusals_dropped', actor_kind: 'system', details: { dropped: 11 } })
      await audit.recordOnce(act({ action: 'audit_read', subject: 'audit' }))
      await audit.recordOnce(act({ action: 'audit_read', subject: 'audit' }))
      t.equal((await rowsOf(db)).length, 304)
      t.match(await verify(), { broken: null, rows: 304 })
    })

    t.test('more than a file may hold is refused before it begins; what is read is not held in memory', async (t) => {
      const { audit, db, auditEvents, addUser, now } = await open(t, backend)
      for (let i = 0; i < 6; i++) await audit.record(act())
      const isAdmin = async () => true
      const trail = createAuditTrail({
        ...{ auditEvents, audit, now, addressDigests: (group) => [group], maxExported: 5 },
        ...{ rooms: createRoomsRepository(db), participants: createParticipantsRepository(db) },
        admins: { isAdmin, require: async () => undefined },
        limiter: {
          admit: async ({ limits: [limit] }) => {
            if (!limit) throw new Error('no limit')
            return { admitted: true, limit, remaining: 1, resetMs: 0, revoked: false, degraded: false }
          },
        },
      })
      const principal = await addUser()
      await t.rejects(trail.download(principal, {}, 'csv'), { code: 'UNPROCESSABLE', message: /More than 5/ })
      const { chunks } = await trail.download(principal, { action: 'audit_exported' }, 'json')
      const pieces: string[] = []
      for await (const piece of chunks) pieces.push(piece)
      t.strictSame(JSON.parse(pieces.join('')), { events: [], next_cursor: null }, 'not even its own')
      t.match((await rowsOf(db)).at(-1), {
        ...{ action: 'audit_exported', subject: 'audit' },
        details: { format: 'json', rows: 0, filters: ['action'] },
      })
    })
  })
}
