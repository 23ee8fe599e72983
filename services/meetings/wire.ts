import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { RoomRecord } from '../../repositories/rooms.ts'
import type { DeletedWords, Participant, Role, Room, RoomStatus } from '../../schemas/meetings.ts'

/** A participant as everyone in its room sees it. One that is gone is shown as it was. */
export function toParticipant(record: ParticipantRecord): Participant {
  return {
    id: record.id,
    display_name: record.display_name,
    role: record.role as Role,
    speaking_language: record.speaking_language,
    listening_language: record.listening_language,
    joined_at: record.joined_at.toISOString(),
    status: record.status === 'waiting' || record.status === 'rejected' ? 'waiting' : 'joined',
    state: { muted: record.muted, hand: record.hand, camera: record.camera },
  }
}

/** A room as its participants see it. `publicUrl` is the base of its join link. */
export function toRoom(record: RoomRecord, publicUrl: string): Room {
  return {
    room_code: record.room_code,
    name: record.name,
    status: record.status as RoomStatus,
    settings: {
      lock_room: record.lock_room,
      enable_transcription: record.enable_transcription,
      max_participants: record.max_participants,
      allow_guests: record.allow_guests,
      retention_days: record.retention_days,
      deleted_words: record.deleted_words as DeletedWords,
    },
    join_url: `${publicUrl}/join/${record.room_code}`,
    scheduled_at: record.scheduled_at?.toISOString() ?? null,
    created_at: record.created_at.toISOString(),
    ended_at: record.ended_at?.toISOString() ?? null,
  }
}
