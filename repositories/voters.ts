import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import type { Database, Transaction } from './database.ts'
import { participants, pollVoters, pollVotes } from './schema.ts'
import { ERASED_NAME } from './users.ts'

/** A vote with the name of who cast it. */
export interface SignedVote {
  readonly voter_id: string
  readonly display_name: string
  readonly option_ids: readonly string[]
}

/** What is counted of one voter in a poll; `option_ids` is null where the poll is anonymous. */
export interface OwnVote {
  readonly poll_id: string
  readonly option_ids: readonly string[] | null
}

export type VotersRepository = ReturnType<typeof createVotersRepository>

/** Whose votes are counted. */
export function createVotersRepository(db: Database) {
  return {
    /** The votes of a poll with names, oldest first. */
    async signedVotes(pollId: string): Promise<SignedVote[]> {
      return db
        .select({
          voter_id: pollVotes.voter_id,
          display_name: sql<string>`coalesce(${participants.display_name}, ${ERASED_NAME})`,
          option_ids: pollVotes.option_ids,
        })
        .from(pollVotes)
        .leftJoin(participants, eq(participants.id, pollVotes.voter_id))
        .where(eq(pollVotes.poll_id, pollId))
        .orderBy(asc(pollVotes.voted_at), asc(pollVotes.voter_id))
    },

    /** What is counted of a participant in these polls. */
    async ownVotes(pollIds: readonly string[], voterId: string): Promise<OwnVote[]> {
      if (pollIds.length === 0) return []
      const ids = [...pollIds]
      const named = await db
        .select({ poll_id: pollVotes.poll_id, option_ids: pollVotes.option_ids })
        .from(pollVotes)
        .where(and(inArray(pollVotes.poll_id, ids), eq(pollVotes.voter_id, voterId)))
      const anonymous = await db
        .select({ poll_id: pollVoters.poll_id })
        .from(pollVoters)
        .where(and(inArray(pollVoters.poll_id, ids), eq(pollVoters.voter_id, voterId)))
      return [...named, ...anonymous.map(({ poll_id }) => ({ poll_id, option_ids: null }))]
    },

    /** Takes back the votes with a name of a participant. */
    async removeOf(participantId: string, tx?: Transaction): Promise<void> {
      await (tx ?? db).delete(pollVotes).where(eq(pollVotes.voter_id, participantId))
    },
  }
}
