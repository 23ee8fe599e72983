import type { ParticipantRecord } from '../repositories/participants.ts'
import type { RoomRecord } from '../repositories/rooms.ts'
import type { Meetings } from '../services/meetings.ts'
import type { Principal } from '../services/principal.ts'
import type { Subject } from '../state/state.ts'

/** What the sockets need of the meetings. */
export type SocketMeetings = Pick<
  Meetings,
  | 'participation'
  | 'enterSocket'
  | 'leaveSocket'
  | 'sweep'
  | 'setLanguages'
  | 'setState'
  | 'present'
  | 'lobby'
  | 'toParticipant'
  | 'toRoom'
>

/** The part of a pino logger that the sockets use. */
export interface SocketLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** A caller that may open a socket, with the places it already holds. */
export interface Admission {
  readonly connectionId: string
  readonly principal: Principal
  /** Whom the socket counts against: one lease under each, renewed while it stands. */
  readonly leasedTo: readonly Subject[]
  readonly roomId: string
  readonly participantId: string
}

/** The same, with what its socket begins with. Held no longer: a room's sockets share one record of it. */
export interface Admitted {
  readonly admission: Admission
  readonly room: RoomRecord
  readonly participant: ParticipantRecord
}
