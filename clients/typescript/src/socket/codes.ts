import type { Ending } from './events.ts'

/** Close codes that nothing comes after. 4401 is none of them: a token that ended can be renewed. */
export const OVER: Readonly<Record<number, Ending['reason']>> = {
  1000: 'left',
  4400: 'failed',
  4403: 'removed',
  4409: 'elsewhere',
  4410: 'ended',
}

/** What was sent was too big: it would be again. */
export const TOO_BIG = 1009

/** The server, or a proxy for it, ended in good order. */
export const isRestart = (code: number | null): boolean => code === 1001 || code === 1012

/** After 1013 (overloaded) and 4429 (too many frames) the server wants some peace. */
export const atLeastMs = (code: number | null): number => (code === 1013 || code === 4429 ? 5000 : 0)

/** What is said meets these for a moment only, and is said again. */
export const PASSING: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'RATE_LIMIT_EXCEEDED', 'INTERNAL_ERROR'])
