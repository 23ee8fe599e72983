import { SUB_WINDOWS, subWindowMs } from '../sliding-window.ts'

/** What one subject has used of one limit. Times are milliseconds of a clock that does not go back. */
export interface Window {
  /** Forgets what no longer counts; how many admissions still do. */
  used(now: number): number
  /** When fewer than `below` of the admissions that now count will count. */
  freesAt(below: number): number
  add(now: number): void
}

/** The time of each admission: exact. */
export class Log implements Window {
  readonly windowMs: number
  readonly max: number
  /** A ring: `count` times from `start` on. It grows up to `max`. */
  times: number[] = []
  start = 0
  count = 0

  constructor(max: number, windowMs: number) {
    this.max = max
    this.windowMs = windowMs
  }

  at(index: number): number {
    return this.times[(this.start + index) % this.times.length] ?? 0
  }

  used(now: number): number {
    while (this.count > 0 && this.at(0) + this.windowMs <= now) {
      this.start = (this.start + 1) % this.times.length
      this.count--
    }
    return this.count
  }

  freesAt(below: number): number {
    return this.at(this.count - below) + this.windowMs
  }

  add(now: number): void {
    if (this.count === this.times.length) {
      if (this.start > 0) this.times = [...this.times.slice(this.start), ...this.times.slice(0, this.start)]
      this.start = 0
      this.times.push(now)
    } else this.times[(this.start + this.count) % this.times.length] = now
    this.count++
  }
}

/** More than SUB_WINDOWS + 2, and a power of two. */
const RING = 64
if (RING < SUB_WINDOWS + 2) throw new Error('the ring must hold a window')

/** Counters of sub-windows: each admission counts until its whole sub-window has left the window. */
export class Counters implements Window {
  readonly windowMs: number
  readonly lengthMs: number
  readonly ring = new Uint32Array(RING)
  total = 0
  /** The first sub-window that may hold something. */
  oldest = 0

  constructor(windowMs: number) {
    this.windowMs = windowMs
    this.lengthMs = subWindowMs(windowMs)
  }

  used(now: number): number {
    const first = Math.floor((now - this.windowMs) / this.lengthMs)
    if (first - this.oldest >= RING) {
      this.ring.fill(0)
      this.total = 0
    }
    while (this.total > 0 && (this.oldest < first || this.ring[this.oldest & (RING - 1)] === 0)) {
      const slot = this.oldest & (RING - 1)
      this.total -= this.ring[slot] ?? 0
      this.ring[slot] = 0
      this.oldest++
    }
    return this.total
  }

  freesAt(below: number): number {
    let left = this.total
    let index = this.oldest
    while (left >= below && index < this.oldest + RING) left -= this.ring[index++ & (RING - 1)] ?? 0
    return index * this.lengthMs + this.windowMs
  }

  add(now: number): void {
    const current = Math.floor(now / this.lengthMs)
    if (this.total === 0) this.oldest = current
    const slot = current & (RING - 1)
    this.ring[slot] = (this.ring[slot] ?? 0) + 1
    this.total++
  }
}
