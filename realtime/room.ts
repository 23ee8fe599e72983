import type { RoomRecord } from '../repositories/rooms.ts'
import type { Tracing } from '../services/tracing.ts'
import type { RoomEvents } from '../state/room-events.ts'
import { languagesRead, reaches } from './audience.ts'
import { type CaptionOwners, createCaptionOwners } from './caption-owners.ts'
import type { Connection } from './connection.ts'
import { createDeliveries, type Deliveries } from './deliveries.ts'
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

/** What all rooms have in common. */
export interface RoomDeps {
  roomEvents: Pick<RoomEvents, 'after' | 'lastSeq' | 'subscribe'>
  texts: EventTexts
  /** Called for each event as it comes, in order. */
  onArrived(room: Room, event: AnyEvent): void
  /** Called for each event after the sockets got it. */
  onDelivered(room: Room, event: AnyEvent): void
  /** Called when missed events could not be fetched. */
  onError(room: Room, error: unknown): void
  tracing: Tracing
}

/** Subscribes to a room. Resolves when every event from `seq` on will be delivered, in order and once. */
export async function openRoom(record: RoomRecord, deps: RoomDeps): Promise<Room> {
  const room = new SubscribedRoom(record, deps)
  await room.open()
  return room
}

/** A class, since there are many quiet ones: its methods are there once, and what captions need when one comes. */
class SubscribedRoom implements Room {
  readonly record: RoomRecord
  readonly connections = new Set<Connection>()
  seq = 0
  readonly #deps: RoomDeps
  /** Live events that wait for a gap before them to be filled; null when there is none. */
  #pending: AnyEvent[] | null = []
  #again = false
  #captionOwners: CaptionOwners | null = null
  #deliveries: Deliveries | null = null
  #unsubscribe = () => {}

  constructor(record: RoomRecord, deps: RoomDeps) {
    this.record = record
    this.#deps = deps
  }

  async open(): Promise<void> {
    const { roomEvents } = this.#deps
    this.#unsubscribe = await roomEvents.subscribe(this.record.id, (event) => this.#receive(event))
    try {
      this.seq = await roomEvents.lastSeq(this.record.id)
    } catch (error) {
      this.#unsubscribe()
      throw error
    }
    this.#deliverPending()
  }

  get captionOwners(): CaptionOwners {
    this.#captionOwners ??= createCaptionOwners()
    return this.#captionOwners
  }

  add(connection: Connection): void {
    this.connections.add(connection)
  }

  remove(connection: Connection): void {
    this.connections.delete(connection)
  }

  show(event: AnyEvent): void {
    if (!this.#deliveries && this.#lacked(event).length > 0) this.#deliveries = this.#createDeliveries()
    if (this.#deliveries) this.#deliveries.push(event)
    else this.#hand(event)
  }

  async catchUp(): Promise<void> {
    if (this.#pending) {
      this.#again = true
      return
    }
    this.#pending = []
    await this.#fill()
  }

  close(): void {
    this.#unsubscribe()
  }

  #receive(event: AnyEvent): void {
    if (this.#pending) {
      if (this.#pending.length < MAX_PENDING) this.#pending.push(event)
      else this.#again = true
      return
    }
    if (event.seq !== undefined && event.seq > this.seq + 1) {
      this.#pending = [event]
      this.#fill().catch((error: unknown) => this.#deps.onError(this, error))
      return
    }
    this.#deliver(event)
  }

  #deliver(event: AnyEvent): void {
    if (event.seq !== undefined) {
      if (event.seq <= this.seq) return
      this.seq = event.seq
    }
    if (event.type === 'caption') this.captionOwners.claim(String(event.id), (event.speaker as { id: string }).id)
    this.#deps.onArrived(this, event)
    this.show(event)
  }

  /** Delivers what is kept after `seq`, then what waited. Those who wait are let through even when the log does not answer. */
  async #fill(): Promise<void> {
    try {
      do {
        this.#again = false
        const { events } = await this.#deps.roomEvents.after(this.record.id, this.seq)
        for (const event of events) this.#deliver(event)
      } while (this.#again)
    } finally {
      this.#deliverPending()
    }
  }

  #deliverPending(): void {
    const waiting = this.#pending ?? []
    this.#pending = null
    for (const event of waiting) this.#deliver(event)
  }

  /** When Redis lost what people listen to, a caption is made without the languages of those who have not said it again. */
  #createDeliveries(): Deliveries {
    const { texts, tracing } = this.#deps
    return createDeliveries({
      lacks: (event) => this.#lacked(event).length > 0,
      complete: (event) => {
        const parent = traceOf(event)
        const work = () => texts.complete(event, this.record.id, this.#lacked(event))
        return parent === undefined ? work() : tracing.run('caption complete', { parent }, work)
      },
      deliver: (event) => this.#hand(event),
      patienceMs: COMPLETION_MS,
      max: MAX_PENDING,
    })
  }

  #lacked(event: AnyEvent): string[] {
    return this.#deps.texts.lacked(event, languagesRead(event, this.connections))
  }

  #hand(event: AnyEvent): void {
    const { tracing, onDelivered } = this.#deps
    const frames = createEventFrames(event)
    const parent = traceOf(event)
    if (parent === undefined || !tracing.isOn) {
      for (const connection of this.connections) if (reaches(event, connection)) connection.outbox.deliver(frames)
    } else {
      const readers = [...this.connections].filter((connection) => reaches(event, connection))
      deliverTraced({ frames, parent, readers }, tracing)
    }
    onDelivered(this, event)
  }
}
