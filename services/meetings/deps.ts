import type { Database } from '../../repositories/database.ts'
import type { InvitationsRepository } from '../../repositories/invitations.ts'
import type { MailJobsRepository } from '../../repositories/mail-jobs.ts'
import type { ParticipantsRepository } from '../../repositories/participants.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { State } from '../../state/state.ts'
import type { Audit } from '../audit.ts'
import type { Tokens } from '../tokens.ts'

/** What a user brings into a room when it says nothing else. */
export interface Profile {
  full_name: string
  speaking_language: string
  listening_language: string
}

export interface MeetingsOptions {
  database: Pick<Database, 'transaction'>
  audit: Pick<Audit, 'transaction'>
  rooms: RoomsRepository
  participants: ParticipantsRepository
  invitations: InvitationsRepository
  mailJobs: Pick<MailJobsRepository, 'insertInvitations'>
  state: Pick<State, 'presence' | 'roomEvents' | 'revocations' | 'tickets' | 'limiter'>
  tokens: Pick<Tokens, 'issueGuest'>
  /** Null when there is no such user any more. */
  profileOf: (userId: string) => Promise<Profile | null>
  /** Keyed digests that stand for an address group within a room: the one to store first, then those of older keys. */
  addressDigests: (roomId: string, addressGroup: string) => readonly string[]
  /** Takes a user's name out of every room, and what it said as each room wants it. */
  forgetWords: (userId: string) => Promise<void>
  /** Closes the open polls of a room that ends. Never throws, and does not wait for long. */
  closePolls: (roomId: string) => Promise<void>
  /** Called when mail was queued. */
  mailQueued: () => void
  /** The base of join links, without a slash at its end. */
  publicUrl: string
  now?: () => Date
}

/** What the parts of the meetings service share. */
export type MeetingsDeps = Required<MeetingsOptions>

/** The lease that a participant holds between the call that joined it and its first socket. */
export const JOIN_LEASE = 'join'
