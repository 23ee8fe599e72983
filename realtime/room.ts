import type { RoomRecord } from '../repositories/rooms.ts'
import { NO_TRACING, type Tracing } from '../services/tracing.ts'
import type { RoomEvents } from '../state/room-events.ts'
import { languagesRead, reaches } from './audience.ts'
import { type CaptionOwners, createCaptionOwners } from './caption-owners.ts'
import type { Connection } from './connection.ts'
import { createDeliveries } from './deliveries.ts'
import { type AnyEvent, createEventFrames } from './frames.ts'
import { COMPLETION_MS } from './limits.ts'
import type { EventTexts } from './texts.ts'
import { deliverTraced, traceOf } from './tracing.ts'

/** How many events wait while a gap is being filled, beyond it the gap is filled again; and how many wait for a translation. */
const MAX_PENDING = 1000

/** The sockets of one room on this process, and their one subscription. */
export interface Room {
  readonly record: RoomRecord
  readonly connections: ReadonlySet<Connection>
  /** The last number this process saw. */
  readonly seq: number
  readonly captionOwners: CaptionOwners
  add(connection: Connection): void
  /** Delivers an event that was made here, behind those before it. */
  show(event: AnyEvent): void
  remove(connection: Connection): void
  /** Fetches what was missed, for instance while Redis was gone. Throws StateUnavailableError. */
  catchUp(): Promise<void>
  close(): void
}

export interface RoomDeps {
  record: RoomRecord
  roomEvents: Pick<RoomEvents, 'after' | 'lastSeq' | 'subscribe'>
  texts: EventTexts
  /** Called for each event as it comes, in order. */
  onArrived(room: Room, event: AnyEvent): void
  /** Called for each event after the sockets got it. */
  onDelivered(room: Room, event: AnyEvent): void
  onError(error: unknown): void
  tracing?: Tracing
}

/** Subscribes to a room. Resolves when every event from `seq` on will be delivered, in order and once. */
export async function openRoom({ record, roomEvents, texts, tracing = NO_TRACING, ...on }: RoomDeps): Promise<Room> {
  const connections = new Set<Connection>()
  const captionOwners = createCaptionOwners()
  const lacked = (event: AnyEvent) => texts.lacked(event, languagesRead(event, connections))
  // When Redis lost what people listen to, a caption is made without the languages of those who have not said it again.
  const deliveries = createDeliveries({
    lacks: (event) => lacked(event).length > 0,
    complete(event) {
      const parent = traceOf(event)
      const work = () => texts.complete(event, record.id, lacked(event))
      return parent === undefined ? work() : tracing.run('caption complete', { parent }, work)
    },
    deliver: hand,
    patienceMs: COMPLETION_MS,
    max: MAX_PENDING,
  })
  /** Live events that wait for a gap before them to be filled; null when there is none. */
  let pending: AnyEvent[] | null = []
  let seq = 0
  let again = false

  function receive(event: AnyEvent): void {
    if (pending) {
      if (pending.length < MAX_PENDING) pending.push(event)
      else again = true
      return
    }
    if (event.seq !== undefined && event.seq > seq + 1) {
      pending = [event]
      fill().catch(on.onError)
      return
    }
    deliver(event)
  }

  function deliver(event: AnyEvent): void {
    if (event.seq !== undefined) {
      if (event.seq <= seq) return
      seq = event.seq
    }
    if (event.type === 'caption') captionOwners.claim(String(event.id), (event.speaker as { id: string }).id)
    on.onArrived(room, event)
    deliveries.push(event)
  }

  function hand(event: AnyEvent): void {
    const frames = createEventFrames(event)
    const parent = traceOf(event)
    if (parent === undefined || !tracing.isOn) {
      for (const connection of connections) if (reaches(event, connection)) connection.outbox.deliver(frames)
    } else {
      const readers = [...connections].filter((connection) => reaches(event, connection))
      deliverTraced({ frames, parent, readers }, tracing)
    }
    on.onDelivered(room, event)
  }

  /** Delivers what is kept after `seq`, then what waited. Those who wait are let through even when the log does not answer. */
  async function fill(): Promise<void> {
    try {
      do {
        again = false
        const { events } = await roomEvents.after(record.id, seq)
        for (const event of events) deliver(event)
      } while (again)
    } finally {
      const waiting = pending ?? []
      pending = null
      for (const event of waiting) deliver(event)
    }
  }

  const room: Room = {
    record,
    connections,
    captionOwners,
    get seq() {
      return seq
    },
    show: deliveries.push,
    add: (connection) => void connections.add(connection),
    remove: (connection) => void connections.delete(connection),
    async catchUp() {
      if (pending) {
        again = true
        return
      }
      pending = []
      await fill()
    },
    close: () => unsubscribe(),
  }

  const unsubscribe = await roomEvents.subscribe(record.id, receive)
  try {
    seq = await roomEvents.lastSeq(record.id)
  } catch (error) {
    unsubscribe()
    throw error
  }
  const early = pending
  pending = null
  for (const event of early) deliver(event)
  return room
}
