import { abortable } from './abortable.ts'

/** Work that several ask for at once and that is done once. */
export interface Flights<T> {
  /**
   * Joins the work under this key, or starts it. A caller that aborts leaves alone; the work is aborted when the last one has left. Work
   * that is started by who cannot abort gets no signal: it is not left.
   */
  join(key: string, work: (signal: AbortSignal | undefined) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Aborts everything under way that has a signal. */
  abort(reason: unknown): void
}

interface Flight<T> {
  promise: Promise<T>
  controller: AbortController | null
  passengers: number
  isOver: boolean
}

/** De-duplication of concurrent work. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function depart(key: string, work: (signal: AbortSignal | undefined) => Promise<T>, canLeave: boolean): Flight<T> {
    const controller = canLeave ? new AbortController() : null
    const working = controller ? abortable(work(controller.signal), controller.signal) : work(undefined)
    const promise = working.finally(() => {
      flight.isOver = true
      if (flights.get(key) === flight) flights.delete(key)
    })
    // Its passengers may all have left when it fails.
    promise.catch(() => undefined)
    const flight: Flight<T> = { promise, controller, passengers: 0, isOver: false }
    flights.set(key, flight)
    return flight
  }

  return {
    async join(key, work, signal) {
      signal?.throwIfAborted()
      const flight = flights.get(key) ?? depart(key, work, signal !== undefined)
      flight.passengers++
      try {
        return await (signal ? abortable(flight.promise, signal) : flight.promise)
      } finally {
        flight.passengers--
        if (flight.passengers === 0) {
          if (flights.get(key) === flight) flights.delete(key)
          if (!flight.isOver) flight.controller?.abort(new DOMException('Nobody waits for it.', 'AbortError'))
        }
      }
    },
    abort(reason) {
      for (const flight of flights.values()) flight.controller?.abort(reason)
      flights.clear()
    },
  }
}
