import type { RoomRecord } from '../repositories/rooms.ts'
import type { Room } from './room.ts'

/** The open rooms of a process, each held while somebody uses it. */
export interface Rooms {
  /** Opens the room, or joins those who have it open. Give it back with `release`; nothing is held when it throws. */
  hold(record: RoomRecord): Promise<Room>
  release(room: Room): void
  /** Rooms that stand. */
  list(): Room[]
}

export function createRooms(open: (record: RoomRecord) => Promise<Room>): Rooms {
  interface Held {
    opening: Promise<Room>
    room: Room | null
    holders: number
  }
  const rooms = new Map<string, Held>()

  return {
    async hold(record) {
      let held = rooms.get(record.id)
      if (!held) {
        const entry: Held = { opening: open(record), room: null, holders: 0 }
        held = entry
        rooms.set(record.id, entry)
      }
      held.holders += 1
      try {
        held.room = await held.opening
        return held.room
      } catch (error) {
        // Nobody else can use a room that did not open: the next one tries anew.
        if (rooms.get(record.id) === held) rooms.delete(record.id)
        throw error
      }
    },
    release(room) {
      const held = rooms.get(room.record.id)
      if (held?.room !== room) return
      held.holders -= 1
      if (held.holders > 0) return
      rooms.delete(room.record.id)
      room.close()
    },
    list: () => [...rooms.values()].flatMap(({ room }) => room ?? []),
  }
}
