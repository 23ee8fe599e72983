import { setTimeout as wait } from 'node:timers/promises'
import type { AnyEvent } from './frames.ts'

/** Events on their way to the sockets of a room, in order. */
export interface Deliveries {
  /** Delivers the event behind those before it: now, unless it or one of them lacks something. */
  push(event: AnyEvent): void
}

export interface DeliveriesDeps {
  /** Whether some reader here could not read the event as it is. */
  lacks(event: AnyEvent): boolean
  /** What the event lacks, added. */
  complete(event: AnyEvent): Promise<AnyEvent>
  deliver(event: AnyEvent): void
  /** How long an event may wait, in milliseconds; then it goes as it is. */
  patienceMs: number
  /** How many may wait; beyond it all of them go as they are. */
  max: number
}

/** Completions run side by side, each from when its event came: however many there are, none waits longer than `patienceMs`. */
export function createDeliveries({ lacks, complete, deliver, patienceMs, max }: DeliveriesDeps): Deliveries {
  interface Waiting {
    event: AnyEvent
    ready: boolean
  }
  let queue: Waiting[] = []

  function drain(): void {
    while (queue[0]?.ready) {
      const next = queue.shift()
      if (next) deliver(next.event)
    }
  }

  async function finish(entry: Waiting): Promise<void> {
    const cancel = new AbortController()
    const { signal } = cancel
    const late = wait(patienceMs, entry.event, { signal }).catch(() => entry.event)
    // One that fails goes as it is.
    entry.event = await Promise.race([complete(entry.event).catch(() => entry.event), late])
    cancel.abort()
    entry.ready = true
    drain()
  }

  return {
    push(event) {
      const lacking = lacks(event)
      if (queue.length === 0 && !lacking) return deliver(event)
      const entry = { event, ready: !lacking }
      queue.push(entry)
      if (queue.length > max) {
        const all = queue
        queue = []
        for (const { event } of all) deliver(event)
      } else if (lacking) void finish(entry)
    },
  }
}
