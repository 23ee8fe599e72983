export type Entry = 'entered' | 'present' | 'full'

/**
 * Who is in a room, as leases: a participant is present while one of its connections holds one (LEASE_MS, see socket-leases.ts).
 * A connection is a socket's id, or `join` between the call that joined and the first socket.
 */
export interface Presence {
  /**
   * Takes a lease, atomically with the capacity. `entered`: the participant was not present before; `present`: it was, or had another
   * connection; `full`: `max` others are present and nothing changed. Expired leases do not count.
   */
  enter(roomId: string, participantId: string, connectionId: string, max: number): Promise<Entry>
  /** Renews leases, also re-adds those that Redis lost. Never throws. */
  renew(roomId: string, leases: readonly { participantId: string; connectionId: string }[]): Promise<void>
  /** Gives a connection's lease back (all of the participant's when `connectionId` is absent). True when the participant is no longer present. */
  leave(roomId: string, participantId: string, connectionId?: string): Promise<boolean>
  /** Ids of the participants with a live lease. */
  list(roomId: string): Promise<string[]>
  /** Removes expired leases; the ids of participants gone with them. Each is answered to one caller only, over all processes. */
  sweep(roomId: string): Promise<string[]>
  /** Remembers what a present participant listens to. Forgotten when it is no longer present. */
  setListening(roomId: string, participantId: string, language: string): Promise<void>
  /** The languages somebody present listens to, each once. */
  listening(roomId: string): Promise<string[]>
  /** Forgets the room. */
  clear(roomId: string): Promise<void>
}
