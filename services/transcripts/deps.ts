import type { CaptionsRepository } from '../../repositories/captions.ts'
import type { Database } from '../../repositories/database.ts'
import type { ParticipantsRepository } from '../../repositories/participants.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { TranscriptRoomsRepository } from '../../repositories/transcript-rooms.ts'
import type { Audit } from '../audit.ts'
import type { MeetingAllowance } from '../meeting-allowance.ts'
import type { Translation } from '../translation.ts'

export interface TranscriptsDeps {
  database: Pick<Database, 'transaction'>
  audit: Pick<Audit, 'recordOnce'>
  captions: CaptionsRepository
  transcriptRooms: TranscriptRoomsRepository
  rooms: RoomsRepository
  participants: ParticipantsRepository
  translation: Pick<Translation, 'caption'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  /** Saves what was said in a room and is not in the database yet, as far as that can be done now. Never throws. */
  saveNow: (roomId: string) => Promise<void>
  now: () => Date
}

const DAY_MS = 86_400_000

/** The first moment of which a room still keeps captions. */
export function keptSince(room: { retention_days: number }, now: Date): Date {
  return new Date(now.getTime() - room.retention_days * DAY_MS)
}
