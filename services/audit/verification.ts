import type { AuditEventsRepository, ChainHead } from '../../repositories/audit-events.ts'
import { GENESIS, hashOf } from './chain.ts'

const BATCH = 1_000

/** Where the chain does not hold. */
export interface Break {
  seq: number
  problem: string
}

export interface Verified {
  /** The last row that holds. */
  head: ChainHead
  /** How many rows were looked at. */
  rows: number
  broken: Break | null
}

type Rows = Pick<AuditEventsRepository, 'chain'>

/**
 * Walks the chain from a place that is known to be good, in batches, and stops at the first row that is changed, missing or not where it
 * was. What was cut off at the end leaves no trace here: `checkAnchors` sees it.
 */
export async function verifyChain(
  auditEvents: Rows,
  from: ChainHead = GENESIS,
  most = Number.POSITIVE_INFINITY,
): Promise<Verified> {
  let head = from
  let rows = 0
  while (rows < most) {
    const limit = Math.min(BATCH, most - rows)
    const batch = await auditEvents.chain(head.seq, limit)
    for (const { row, is_whole } of batch) {
      const problem = problemOf(row, is_whole, head)
      if (problem) return { head, rows, broken: { seq: head.seq + 1, problem } }
      head = { seq: row.seq, hash: row.hash }
      rows++
    }
    if (batch.length < limit) break
  }
  return { head, rows, broken: null }
}

function problemOf(
  row: Awaited<ReturnType<Rows['chain']>>[number]['row'],
  isWhole: boolean,
  before: ChainHead,
): string | null {
  if (row.seq !== before.seq + 1) return 'is missing'
  if (!isWhole || hashOf(row) !== row.hash) return 'is changed'
  return row.prev_hash === before.hash ? null : 'does not follow the row before it: that one is changed, or this one'
}

/** What was said of the chain's head at some time must still be so: otherwise the tail was cut, or all was written anew. */
export async function checkAnchors(
  auditEvents: Pick<AuditEventsRepository, 'hashAt'>,
  anchors: Iterable<ChainHead>,
): Promise<Break | null> {
  for (const { seq, hash } of anchors) {
    const found = seq === GENESIS.seq ? GENESIS.hash : await auditEvents.hashAt(seq)
    if (found === null) return { seq, problem: 'is missing: an anchor knows it, so the tail was cut off' }
    if (found !== hash) return { seq, problem: 'is not the one that an anchor knows: the chain was written anew' }
  }
  return null
}
