/** An event of a room as it is kept and sent to every process. `seq` increases by one within the room; `at` is RFC 3339. */
export interface RoomEvent {
  readonly seq: number
  readonly at: string
  readonly type: string
  readonly [field: string]: unknown
}

/** An event that is sent and not kept: no `seq`. */
export type TransientEvent = Omit<RoomEvent, 'seq'> & {
  readonly seq?: undefined
  readonly type: string
  readonly at: string
}

export type RoomListener = (event: RoomEvent | TransientEvent) => void

/** How many events of a room are kept for clients that come back, and for how long after the last. */
export const KEPT_EVENTS = 1000
export const KEPT_MS = 3_600_000

/** The numbered log of each room, and the bus that carries it to every process. */
export interface RoomEvents {
  /**
   * Numbers, keeps and sends an event, atomically: listeners get events in the order of `seq`. `floor` is the last number the caller
   * saw, so that numbers never go back when Redis lost its own. Throws StateUnavailableError.
   */
  append(roomId: string, event: { type: string; [field: string]: unknown }, floor?: number): Promise<RoomEvent>
  /** Sends without keeping. Throws StateUnavailableError. */
  send(roomId: string, event: { type: string; [field: string]: unknown }): Promise<void>
  /** Kept events after `seq`, oldest first. `complete` is false when some in between are no longer kept. */
  after(roomId: string, seq: number): Promise<{ events: RoomEvent[]; complete: boolean }>
  lastSeq(roomId: string): Promise<number>
  /** Resolves when the subscription stands. After Redis was gone it stands again by itself, and `after` gives what was missed. */
  subscribe(roomId: string, listener: RoomListener): Promise<() => void>
}
