import type { RoomEvents } from '../../state/room-events.ts'

/** Who sees to it that what is said is saved. None of it waits or throws. */
export interface Recorder {
  /** Something is about to be said in a room. */
  mark(roomId: string): void
  /** It was said. */
  appended(roomId: string): void
  /** Nobody will say more. */
  ended(roomId: string): void
}

/**
 * Room events of which the captions are saved. The mark leaves for Redis ahead of the event and with it, so that saying something waits
 * for nothing more, and an event that was accepted is marked also if this process is killed the moment after.
 */
export function createRecordedRoomEvents(roomEvents: RoomEvents, recorder: Recorder): RoomEvents {
  return {
    ...roomEvents,
    async append(roomId, event, floor) {
      if (event.type === 'caption') recorder.mark(roomId)
      const kept = await roomEvents.append(roomId, event, floor)
      if (event.type === 'caption') recorder.appended(roomId)
      if (event.type === 'room.ended') recorder.ended(roomId)
      return kept
    },
  }
}
