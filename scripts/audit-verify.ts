import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type ChainHead, createAuditEventsRepository } from '../repositories/audit-events.ts'
import { readAnchor } from '../services/audit/anchors.ts'
import { checkAnchors, verifyChain } from '../services/audit/verification.ts'
import { runOnDatabase, ScriptError } from './admin/database-script.ts'

// `npm run audit:verify`: walks the whole audit trail. Exit code 0 and where it ends, or 1 and the first row that does not hold.
// `-- --from-anchor 1234:hash` or `-- --from-anchor server.log`, repeatable, compares it with what the log said: a cut tail shows.

await runOnDatabase(async (db) => {
  const anchors = await anchorsGiven()
  const auditEvents = createAuditEventsRepository(db)
  const { head, rows, broken } = await verifyChain(auditEvents)
  if (broken) throw new ScriptError(`BROKEN: row ${broken.seq} ${broken.problem}. The ${rows} rows before it hold.`)
  const cut = await checkAnchors(auditEvents, anchors)
  if (cut) throw new ScriptError(`BROKEN: row ${cut.seq} ${cut.problem}. The trail ends at ${head.seq}:${head.hash}`)
  console.log(`The audit trail holds: rows ${rows}, anchors ${anchors.length}.\nIt ends at ${head.seq}:${head.hash}`)
})

async function anchorsGiven(): Promise<ChainHead[]> {
  try {
    const { values } = parseArgs({ options: { 'from-anchor': { type: 'string', multiple: true, default: [] } } })
    const anchors: ChainHead[] = []
    for (const given of values['from-anchor']) {
      const anchor = readAnchor(given)
      anchors.push(...(anchor ? [anchor] : await anchorsOf(given)))
    }
    return anchors
  } catch (error) {
    throw new ScriptError(`--from-anchor is <seq>:<hash>, or a file of the log: ${(error as Error).message}`)
  }
}

async function anchorsOf(path: string): Promise<ChainHead[]> {
  const anchors: ChainHead[] = []
  for await (const line of createInterface({ input: createReadStream(path, 'utf8') })) {
    const anchor = readAnchor(line)
    if (anchor) anchors.push(anchor)
  }
  if (anchors.length === 0) throw new Error(`${path} has no line of an anchor`)
  return anchors
}
