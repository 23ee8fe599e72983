/** Counts events: `hit` is true while no minute holds more than `max` of them. Bounded memory. */
export function createWindow(max: number, now: () => number = Date.now): { hit(): boolean } {
  const times: number[] = []
  return {
    hit() {
      const at = now()
      while (times[0] !== undefined && times[0] <= at - 60_000) times.shift()
      if (times.length >= max) return false
      times.push(at)
      return true
    },
  }
}
