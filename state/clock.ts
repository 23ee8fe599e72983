import type { Clock } from './state.ts'

/** Milliseconds since the epoch, with fractions, that never go back: what limits and leases are measured with. */
export const steadyClock: Clock = () => performance.timeOrigin + performance.now()
