import { and, asc, eq, gt, or, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import {
  apiKeys,
  auditEvents,
  invitations,
  mailJobs,
  oneTimeTokens,
  participants,
  polls,
  pollVoters,
  pollVotes,
  rooms,
  sessions,
} from './schema.ts'

export interface PageAfter {
  /** The `key` of the last row of the page before. */
  after: string | null
  limit: number
}

export type HeldDataRepository = ReturnType<typeof createHeldDataRepository>

/**
 * What is held about a user besides the account itself, for its export: by page, each row with the `key` that the next page begins
 * after. Hashes and digests are left out: they say nothing.
 */
export function createHeldDataRepository(db: Database) {
  return {
    /** Ended ones too. */
    sessions: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: sessions.id,
          id: sessions.id,
          device: sessions.user_agent,
          address: sessions.address,
          created_at: sessions.created_at,
          last_used_at: sessions.last_used_at,
          expires_at: sessions.expires_at,
          revoked_at: sessions.revoked_at,
          revoked_reason: sessions.revoked_reason,
        })
        .from(sessions)
        .where(and(eq(sessions.user_id, userId), after === null ? undefined : gt(sessions.id, after)))
        .orderBy(asc(sessions.id))
        .limit(limit),

    /** Ended ones too. */
    apiKeys: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: apiKeys.id,
          id: apiKeys.id,
          name: apiKeys.name,
          prefix: apiKeys.prefix,
          scopes: apiKeys.scopes,
          allowed_networks: apiKeys.allowed_networks,
          created_at: apiKeys.created_at,
          expires_at: apiKeys.expires_at,
          last_used_at: apiKeys.last_used_at,
          last_used_address: apiKeys.last_used_address,
          replaced_by: apiKeys.replaced_by,
          revoked_at: apiKeys.revoked_at,
        })
        .from(apiKeys)
        .where(and(eq(apiKeys.user_id, userId), after === null ? undefined : gt(apiKeys.id, after)))
        .orderBy(asc(apiKeys.id))
        .limit(limit),

    /** What it did, and what was done to it; it stays when the account is deleted. */
    auditEvents: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: sql<string>`${auditEvents.seq}::text`,
          at: auditEvents.at,
          action: auditEvents.action,
          outcome: auditEvents.outcome,
          actor_kind: auditEvents.actor_kind,
          actor_id: auditEvents.actor_id,
          subject: auditEvents.subject,
          room_id: auditEvents.room_id,
          request_id: auditEvents.request_id,
          details: auditEvents.details,
        })
        .from(auditEvents)
        .where(
          and(
            or(eq(auditEvents.actor_id, userId), eq(auditEvents.subject, userId)),
            after === null ? undefined : gt(auditEvents.seq, Number(after)),
          ),
        )
        .orderBy(asc(auditEvents.seq))
        .limit(limit),

    roomsHosted: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: rooms.id,
          room_code: rooms.room_code,
          name: rooms.name,
          status: rooms.status,
          lock_room: rooms.lock_room,
          enable_transcription: rooms.enable_transcription,
          max_participants: rooms.max_participants,
          allow_guests: rooms.allow_guests,
          retention_days: rooms.retention_days,
          deleted_words: rooms.deleted_words,
          scheduled_at: rooms.scheduled_at,
          created_at: rooms.created_at,
          ended_at: rooms.ended_at,
        })
        .from(rooms)
        .where(and(eq(rooms.host_user_id, userId), after === null ? undefined : gt(rooms.id, after)))
        .orderBy(asc(rooms.id))
        .limit(limit),

    participations: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: participants.id,
          room_code: rooms.room_code,
          room_name: rooms.name,
          display_name: participants.display_name,
          role: participants.role,
          status: participants.status,
          speaking_language: participants.speaking_language,
          listening_language: participants.listening_language,
          joined_at: participants.joined_at,
          left_at: participants.left_at,
        })
        .from(participants)
        .innerJoin(rooms, eq(rooms.id, participants.room_id))
        .where(and(eq(participants.user_id, userId), after === null ? undefined : gt(participants.id, after)))
        .orderBy(asc(participants.id))
        .limit(limit),

    /** Polls that the user asked. */
    polls: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: polls.id,
          room_code: rooms.room_code,
          question: polls.question,
          options: polls.options,
          status: polls.status,
          created_at: polls.created_at,
        })
        .from(polls)
        .innerJoin(rooms, eq(rooms.id, polls.room_id))
        .innerJoin(participants, eq(participants.id, polls.created_by))
        .where(and(eq(participants.user_id, userId), after === null ? undefined : gt(polls.id, after)))
        .orderBy(asc(polls.id))
        .limit(limit),

    /** Votes with the user's name. */
    votes: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: polls.id,
          room_code: rooms.room_code,
          question: polls.question,
          options: polls.options,
          option_ids: pollVotes.option_ids,
          voted_at: pollVotes.voted_at,
        })
        .from(pollVotes)
        .innerJoin(participants, eq(participants.id, pollVotes.voter_id))
        .innerJoin(polls, eq(polls.id, pollVotes.poll_id))
        .innerJoin(rooms, eq(rooms.id, polls.room_id))
        .where(and(eq(participants.user_id, userId), after === null ? undefined : gt(polls.id, after)))
        .orderBy(asc(polls.id))
        .limit(limit),

    /** Anonymous polls in which the user voted; for what is written nowhere. */
    anonymousVotes: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({ key: polls.id, room_code: rooms.room_code, question: polls.question })
        .from(pollVoters)
        .innerJoin(participants, eq(participants.id, pollVoters.voter_id))
        .innerJoin(polls, eq(polls.id, pollVoters.poll_id))
        .innerJoin(rooms, eq(rooms.id, polls.room_id))
        .where(and(eq(participants.user_id, userId), after === null ? undefined : gt(polls.id, after)))
        .orderBy(asc(polls.id))
        .limit(limit),

    /** Invitations that others sent to the address. */
    invitations: (email: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: invitations.token_hash,
          room_name: rooms.name,
          created_at: invitations.created_at,
          expires_at: invitations.expires_at,
          redeemed_at: invitations.redeemed_at,
        })
        .from(invitations)
        .innerJoin(rooms, eq(rooms.id, invitations.room_id))
        .where(and(eq(invitations.email, email), after === null ? undefined : gt(invitations.token_hash, after)))
        .orderBy(asc(invitations.token_hash))
        .limit(limit),

    links: (userId: string, { after, limit }: PageAfter) =>
      db
        .select({
          key: oneTimeTokens.token_hash,
          purpose: oneTimeTokens.purpose,
          created_at: oneTimeTokens.created_at,
          expires_at: oneTimeTokens.expires_at,
          used_at: oneTimeTokens.used_at,
        })
        .from(oneTimeTokens)
        .where(and(eq(oneTimeTokens.user_id, userId), after === null ? undefined : gt(oneTimeTokens.token_hash, after)))
        .orderBy(asc(oneTimeTokens.token_hash))
        .limit(limit),

    mailsPending: (email: string, { after, limit }: PageAfter) =>
      db
        .select({ key: mailJobs.id, kind: mailJobs.kind, created_at: mailJobs.created_at, attempts: mailJobs.attempts })
        .from(mailJobs)
        .where(and(eq(mailJobs.email, email), after === null ? undefined : gt(mailJobs.id, after)))
        .orderBy(asc(mailJobs.id))
        .limit(limit),
  }
}
