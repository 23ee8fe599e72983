import type { Database } from '../../repositories/database.ts'
import type { ParticipantsRepository } from '../../repositories/participants.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { State } from '../../state/state.ts'
import type { Tokens } from '../tokens.ts'

/** What a user brings into a room when it says nothing else. */
export interface Profile {
  full_name: string
  speaking_language: string
  listening_language: string
}

export interface MeetingsOptions {
  database: Pick<Database, 'transaction'>
  rooms: RoomsRepository
  participants: ParticipantsRepository
  state: Pick<State, 'presence' | 'roomEvents' | 'revocations' | 'tickets'>
  tokens: Pick<Tokens, 'issueGuest'>
  /** Null when there is no such user any more. */
  profileOf: (userId: string) => Promise<Profile | null>
  /** The base of join links, without a slash at its end. */
  publicUrl: string
  now?: () => Date
}

/** What the parts of the meetings service share. */
export type MeetingsDeps = Required<MeetingsOptions>

/** The lease that a participant holds between the call that joined it and its first socket. */
export const JOIN_LEASE = 'join'
