import { abortable } from './abortable.ts'

/** Work that several ask for at once and that is done once. */
export interface Flights<T> {
  /** Joins the work under this key, or starts it. A caller that aborts leaves alone; the work is aborted when the last one has left. */
  join(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Aborts everything under way. */
  abort(reason: unknown): void
}

interface Flight<T> {
  promise: Promise<T>
  controller: AbortController
  passengers: number
  isOver: boolean
}

/** De-duplication of concurrent work. */
export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()

  function depart(key: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController()
    const promise = abortable(work(controller.signal), controller.signal).finally(() => {
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
      const flight = flights.get(key) ?? depart(key, work)
      flight.passengers++
      try {
        return await (signal ? abortable(flight.promise, signal) : flight.promise)
      } finally {
        flight.passengers--
        if (flight.passengers === 0) {
          if (flights.get(key) === flight) flights.delete(key)
          if (!flight.isOver) flight.controller.abort(new DOMException('Nobody waits for it.', 'AbortError'))
        }
      }
    },
    abort(reason) {
      for (const flight of flights.values()) flight.controller.abort(reason)
      flights.clear()
    },
  }
}
