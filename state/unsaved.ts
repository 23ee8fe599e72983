import type { RoomEvent } from './room-events.ts'

/** How long after a mark its room is due, so that what is said together is saved together. */
export const SAVE_DELAY_MS = 250
/** Longer than any append lasts after its mark: a younger mark may stand for an event that is not in the log yet. */
export const MARK_GRACE_MS = 2_000
/** Longer than a save takes: then the process that took the room is gone, and another takes it. */
export const SAVE_LEASE_MS = 10_000

/** A room that one process saves for now. */
export interface ClaimedRoom {
  readonly roomId: string
  /** When it was claimed, and until when it is this process's: milliseconds, by the clock of the state. */
  readonly claimedAt: number
  readonly until: number
}

/** Kept events of a room that are not saved yet, oldest first. */
export interface UnsavedEvents {
  readonly events: RoomEvent[]
  /** The number up to which everything is saved; 0 when that is not known. */
  readonly savedSeq: number
  /** There are more than these. */
  readonly more: boolean
  /** Some in between are no longer kept. */
  readonly lost: boolean
}

/** Which rooms have events in their log that the database may lack, and how far each is saved. Everything throws StateUnavailableError. */
export interface Unsaved {
  /** Call before an event is appended that is to be saved. The room is due soon after. */
  mark(roomId: string): Promise<void>
  /** Takes rooms that are due, longest first, each for SAVE_LEASE_MS: nobody else gets them in that time. */
  claim(max: number): Promise<ClaimedRoom[]>
  /** Events after what is saved, at most `max`. */
  read(roomId: string, max: number): Promise<UnsavedEvents>
  /** Everything up to `seq` is saved. */
  saved(roomId: string, seq: number): Promise<void>
  /** The room was read to its end. Its mark goes, unless it is young enough to stand for an event that was not read: then it is due again. */
  release(room: ClaimedRoom): Promise<void>
}
