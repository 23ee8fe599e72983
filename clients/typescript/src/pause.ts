const FIRST_MS = 500
const LONGEST_MS = 15_000

/** How long to wait before the next try, in milliseconds. Half of it is chance: a server that comes back is not called by everybody at once. */
export function pauseBefore(failures: number, random = Math.random): number {
  return Math.min(FIRST_MS * 2 ** failures, LONGEST_MS) * (0.5 + random() / 2)
}
