/** What timers are exact to, milliseconds: no sooner is waited for. */
const TIMER_MS = 1

export interface Pace {
  /** How long to wait before the request of this number is sent; 0 when it is due. */
  waitFor(request: number, now: number): number
  /** From when the time of a request that did not wait counts: from when it was due, unless nothing was. */
  since(request: number, now: number): number
}

/**
 * When each of many requests is due, so many a second, evenly. Those behind their time are sent at once and not left out: what kept them
 * is part of their time, or a server that holds everybody up would look fast.
 */
export function createPace(perSecond: number, started: number): Pace {
  const due = (request: number) => started + (request / perSecond) * 1000
  return {
    waitFor(request, now) {
      const wait = due(request) - now
      return wait >= TIMER_MS ? wait : 0
    },
    since: (request, now) => (Number.isFinite(perSecond) ? Math.min(due(request), now) : now),
  }
}
