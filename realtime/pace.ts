/** Sound against the clock: as much as time goes by, and some ahead. */
export interface Pace {
  /** Takes so many seconds of sound; false, and none is taken, when it would be too far ahead. */
  take(seconds: number): boolean
}

export function createPace(maxAheadS: number, now: () => number = Date.now): Pace {
  let ahead = 0
  let last = now()
  return {
    take(seconds) {
      const at = now()
      // Who was silent does not save up.
      ahead = Math.max(0, ahead - (at - last) / 1000)
      last = at
      if (ahead + seconds > maxAheadS) return false
      ahead += seconds
      return true
    },
  }
}
