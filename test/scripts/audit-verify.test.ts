import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'
import { type Database, openDatabase } from '../../repositories/database.ts'
import { rowsOf, tamper } from '../support/audit.ts'
import { backends } from '../support/backends.ts'
import { dataFolder } from '../support/data-folder.ts'
import { auditOf } from '../support/meetings.ts'
import { runScript } from '../support/scripts.ts'

for (const backend of backends) {
  t.test(`audit:verify: ${backend.name}`, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const dataDir = dataFolder(t)
    const env = { DATA_DIR: dataDir, ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}) }
    const verify = (...args: string[]) => runScript('audit-verify.ts', args, env)
    /** The embedded database is one process's alone: it is open while the test works, and no longer. */
    async function work<T>(does: (db: Database) => Promise<T>): Promise<T> {
      const database = await openDatabase({ databaseUrl, dataDir }, { warn: () => undefined })
      try {
        await database.migrate()
        return await does(database.db)
      } finally {
        await database.close()
      }
    }
    const change = (statement: SQL) => work((db) => tamper(db, statement))
    const rows = await work(async (db) => {
      const audit = auditOf(db)
      for (let i = 0; i < 9; i++) await audit.record({ action: 'login', outcome: 'success', subject: randomUUID() })
      return rowsOf(db)
    })
    const [hash, last] = [rows[8]?.hash ?? '', '9']
    const file = join(dataFolder(t), 'server.log')
    const line = JSON.stringify({ level: 'info', event: 'audit_anchor', seq: 9, hash, at: 'x' })
    writeFileSync(file, `{"level":"info"}\nnot json\npod-1 ${line}\n`)

    t.match(verify('--from-anchor', file, '--from-anchor', `9:${hash}`), {
      status: 0,
      stdout: `The audit trail holds: rows 9, anchors 2.\nIt ends at 9:${hash}`,
    })
    await change(sql`delete from audit_events where seq = 9`)
    t.match(verify(), { status: 0, stdout: /rows 8, anchors 0/ }, 'the rest holds by itself')
    t.match(verify('--from-anchor', file), { status: 1, stderr: `BROKEN: row ${last} is missing` })
    await change(sql`update audit_events set outcome = 'refused' where seq = 2`)
    t.match(verify(), { status: 1, stderr: 'BROKEN: row 2 is changed. The 1 rows before it hold.' })
    t.match(verify('--from-anchor', '/no/such/file'), { status: 1, stderr: /--from-anchor is <seq>:<hash>/ })
  })
}
