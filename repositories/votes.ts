import { desc, eq, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { pollCounts, pollVoters, pollVotes } from './schema.ts'

/** Parts of a position: milliseconds, and the number within them. */
export interface VotePosition {
  readonly ms: number
  readonly n: number
}

export interface VoteRow {
  readonly poll_id: string
  readonly voter_id: string
  readonly option_ids: readonly string[]
}

/** A vote with a name. */
export interface NamedVote extends VoteRow {
  readonly position: VotePosition
  readonly voted_at: Date
}

/** Votes of one transaction, already checked: the poll exists, and has the options. At most one of a voter in a poll. */
export interface VoteBatch {
  /** A later one, by position, replaces what is there; an older one, or the same, changes nothing. */
  readonly changeable: readonly NamedVote[]
  /** One that is there stays. */
  readonly final: readonly NamedVote[]
  readonly anonymous: readonly VoteRow[]
  /** Every option of each poll among the anonymous. */
  readonly optionsOf: ReadonlyMap<string, readonly string[]>
}

export interface PollTally {
  /** How many voters there are: fewer than votes where one may be for several options. */
  readonly voters: number
  /** How many chose each option; one that nobody chose may be missing. */
  readonly counts: ReadonlyMap<string, number>
}

export type VotesRepository = ReturnType<typeof createVotesRepository>

/** Everybody takes locks in this order, so that no two batches wait for each other. */
const inOrder = <T extends VoteRow>(votes: readonly T[]): T[] =>
  votes.toSorted((a, b) => compare(a.poll_id, b.poll_id) || compare(a.voter_id, b.voter_id))
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Counted votes. Every method runs in `tx` when one is given. */
export function createVotesRepository(db: Database) {
  async function writeNamed(votes: readonly NamedVote[], onConflict: SQL, tx: Transaction): Promise<void> {
    if (votes.length === 0) return
    const rows = inOrder(votes).map(({ position, voted_at, ...vote }) => ({
      ...vote,
      position_ms: position.ms,
      position_n: position.n,
      voted_at: voted_at.toISOString(),
    }))
    // One parameter, however many rows.
    await tx.execute(sql`
      insert into poll_votes (poll_id, voter_id, option_ids, position_ms, position_n, voted_at)
      select poll_id, voter_id, option_ids, position_ms, position_n, voted_at
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (
        poll_id uuid, voter_id uuid, option_ids text[], position_ms bigint, position_n bigint, voted_at timestamptz
      )
      on conflict (poll_id, voter_id) ${onConflict}`)
  }

  async function writeAnonymous({ anonymous, optionsOf }: VoteBatch, tx: Transaction): Promise<void> {
    if (anonymous.length === 0) return
    const rows = inOrder(anonymous)
    // Without what they chose: a server that logs its statements joins nobody to an option.
    const voters = JSON.stringify(rows.map(({ poll_id, voter_id }) => ({ poll_id, voter_id })))
    const given = sql`jsonb_to_recordset(${voters}::jsonb) as given (poll_id uuid, voter_id uuid)`
    const query = sql`
      insert into poll_voters (poll_id, voter_id) select poll_id, voter_id from ${given}
      on conflict do nothing returning poll_id, voter_id`
    const { rows: added } = (await tx.execute(query)) as unknown as { rows: VoteRow[] }
    const isNew = new Set(added.map(keyOf))
    await addCounts(
      rows.filter((row) => isNew.has(keyOf(row))),
      optionsOf,
      tx,
    )
  }

  /**
   * Adds to the counts of voters that were new. Every option of the poll is written, also with nothing to add: else the last change of
   * a count, and the voter that was written with it, would tell who chose it.
   */
  async function addCounts(rows: readonly VoteRow[], optionsOf: VoteBatch['optionsOf'], tx: Transaction) {
    if (rows.length === 0) return
    const sums = new Map<string, Map<string, number>>()
    for (const { poll_id, option_ids } of rows) {
      const sum = sums.get(poll_id) ?? new Map((optionsOf.get(poll_id) ?? []).map((id) => [id, 0]))
      for (const id of option_ids) sum.set(id, (sum.get(id) ?? 0) + 1)
      sums.set(poll_id, sum)
    }
    const values = [...sums]
      .flatMap(([poll_id, sum]) => Array.from(sum, ([option_id, count]) => ({ poll_id, option_id, count })))
      .toSorted((a, b) => compare(a.poll_id, b.poll_id) || compare(a.option_id, b.option_id))
    await tx
      .insert(pollCounts)
      .values(values)
      .onConflictDoUpdate({
        target: [pollCounts.poll_id, pollCounts.option_id],
        set: { count: sql`${pollCounts.count} + excluded.count` },
      })
  }

  return {
    /** Writes votes in the caller's transaction; may be done any number of times, by several at once, in any order. */
    async writeBatch(batch: VoteBatch, tx: Transaction): Promise<void> {
      const newer = sql`do update set option_ids = excluded.option_ids, position_ms = excluded.position_ms,
        position_n = excluded.position_n, voted_at = excluded.voted_at
        where (excluded.position_ms, excluded.position_n) > (poll_votes.position_ms, poll_votes.position_n)`
      await writeNamed(batch.changeable, newer, tx)
      await writeNamed(batch.final, sql`do nothing`, tx)
      await writeAnonymous(batch, tx)
    },

    /** What is counted of each poll, with names or without. A poll without votes, or that does not exist, has a tally of nothing. */
    async resultsOf(pollIds: readonly string[], tx?: Transaction): Promise<Map<string, PollTally>> {
      const tallies = new Map(pollIds.map((id) => [id, { voters: 0, counts: new Map<string, number>() }]))
      if (pollIds.length === 0) return tallies
      const ids = sql`any(${sql.param([...tallies.keys()])}::uuid[])`
      // One statement, so that voters and counts are of one moment.
      const { rows } = (await (tx ?? db).execute(sql`
        select poll_id, null as option_id, count(*)::int as count from poll_votes where poll_id = ${ids} group by poll_id
        union all
        select poll_id, null, count(*)::int from poll_voters where poll_id = ${ids} group by poll_id
        union all
        select poll_id, option_id, count(*)::int from poll_votes cross join lateral unnest(option_ids) as chosen (option_id)
        where poll_id = ${ids} group by poll_id, option_id
        union all
        select poll_id, option_id, count from poll_counts where poll_id = ${ids}
      `)) as unknown as { rows: { poll_id: string; option_id: string | null; count: number }[] }
      for (const { poll_id, option_id, count } of rows) {
        const tally = tallies.get(poll_id)
        if (!tally) continue
        if (option_id === null) tally.voters += count
        else tally.counts.set(option_id, count)
      }
      return tallies
    },

    /** Ids of the participants whose votes are counted, with names or without. */
    async votersOf(pollId: string, tx?: Transaction): Promise<string[]> {
      const source = tx ?? db
      const rows = await source
        .select({ id: pollVotes.voter_id })
        .from(pollVotes)
        .where(eq(pollVotes.poll_id, pollId))
        .unionAll(source.select({ id: pollVoters.voter_id }).from(pollVoters).where(eq(pollVoters.poll_id, pollId)))
      return rows.map(({ id }) => id)
    },

    /** What a voter chose in a poll with names; null when nothing of it is counted, or the poll has none. */
    async voteOf(pollId: string, voterId: string, tx?: Transaction): Promise<VoteRow | null> {
      const { poll_id, voter_id, option_ids } = pollVotes
      const [row] = await (tx ?? db)
        .select({ poll_id, voter_id, option_ids })
        .from(pollVotes)
        .where(sql`${poll_id} = ${pollId} and ${voter_id} = ${voterId}`)
      return row ?? null
    },

    /** The last position that is counted of a poll with names, as `ms-n`; null without one. */
    async lastPositionOf(pollId: string, tx?: Transaction): Promise<string | null> {
      const [last] = await (tx ?? db)
        .select({ ms: pollVotes.position_ms, n: pollVotes.position_n })
        .from(pollVotes)
        .where(eq(pollVotes.poll_id, pollId))
        .orderBy(desc(pollVotes.position_ms), desc(pollVotes.position_n))
        .limit(1)
      return last ? `${last.ms}-${last.n}` : null
    },
  }
}

const keyOf = ({ poll_id, voter_id }: VoteRow): string => `${poll_id} ${voter_id}`
