import { limitKey, revokedKey } from '../keys.ts'
import type { Admission, Limit, Limiter, Verdict } from '../limiter.ts'
import { createMemoryLimiter } from '../memory/limiter.ts'
import { kindOf, shareOf } from '../sliding-window.ts'
import { type Clock, StateUnavailableError } from '../state.ts'
import { createGather } from './gather.ts'
import type { Keyspace } from './keyspace.ts'
import { clockArgument, runScript } from './script.ts'

/** What a process does that cannot ask Redis: its own share of each limit, everything, or nothing. */
export type OnFailure = 'local' | 'open' | 'closed'

export interface RedisLimiterOptions {
  keyspace: Keyspace
  onFailure: OnFailure
  /** Over how many processes the limits are spread while each decides on its own. */
  expectedProcesses: number
  isRevokedLocally: (sessionId: string) => boolean
  now?: Clock
}

interface Asked {
  readonly admission: Admission
  resolve(verdict: Verdict): void
  reject(error: unknown): void
}

/** So many admissions in one command hold Redis up for less than a millisecond. */
const MOST_TOGETHER = 64
/** Numbers that the script answers for each. */
const ANSWER_LENGTH = 5

/**
 * The strict sliding window over all processes: one round trip an admission, and one command for all that are asked for together. While
 * Redis is down the process decides by itself.
 */
export function createRedisLimiter(options: RedisLimiterOptions): Limiter {
  const { keyspace, onFailure, expectedProcesses, isRevokedLocally, now } = options
  const clock = clockArgument(now)
  const local = createMemoryLimiter({ ...(now ? { now } : {}), isRevoked: isRevokedLocally })
  const shares = new WeakMap<Limit, Limit>()

  function shareOfLimit(limit: Limit): Limit {
    const known = shares.get(limit)
    if (known) return known
    const share = { ...limit, max: shareOf(limit.max, expectedProcesses) }
    shares.set(limit, share)
    return share
  }

  async function ask(asked: readonly Asked[]): Promise<void> {
    const keys: string[] = []
    let wanted = ''
    try {
      for (const { admission } of asked) {
        addKeys(keys, admission)
        wanted += numbersOf(admission)
      }
      const answer = await keyspace.run(keys[0] ?? '', (redis) => runScript(redis, 'fmAdmit', keys, [clock(), wanted]))
      const numbers = String(answer).split(' ').map(Number)
      let at = 0
      for (const { admission, resolve } of asked) {
        resolve(verdictOf(admission, numbers, at))
        at += ANSWER_LENGTH
      }
    } catch (error) {
      const alone = error instanceof StateUnavailableError && onFailure !== 'closed'
      for (const { admission, resolve, reject } of asked) alone ? resolve(decideAlone(admission)) : reject(error)
    }
  }

  function verdictOf({ limits, sessionId }: Admission, numbers: readonly number[], at: number): Verdict {
    const limit = limits[(numbers[at + 1] ?? 0) - 1]
    if (!limit) throw new TypeError('an admission needs a limit')
    return {
      admitted: numbers[at] === 1,
      limit,
      remaining: numbers[at + 2] ?? 0,
      resetMs: numbers[at + 3] ?? 0,
      revoked: numbers[at + 4] === 1 || (sessionId !== undefined && isRevokedLocally(sessionId)),
      degraded: false,
    }
  }

  function decideAlone(admission: Admission): Verdict {
    const { limits, sessionId } = admission
    const [first] = limits
    if (onFailure === 'local' || !first)
      return { ...local.decide({ ...admission, limits: limits.map(shareOfLimit) }), degraded: true }
    const revoked = sessionId !== undefined && isRevokedLocally(sessionId)
    return { admitted: true, limit: first, remaining: first.max, resetMs: 0, revoked, degraded: true }
  }

  const gather = createGather<Asked>(MOST_TOGETHER, (asked) => {
    // In a cluster one command's keys are all in one slot: those of one subject.
    if (keyspace.isSharded()) for (const one of asked) void ask([one])
    else void ask(asked)
  })

  return {
    admit: (admission) => new Promise((resolve, reject) => gather({ admission, resolve, reject })),
  }
}

function addKeys(keys: string[], { limits, subject, sessionId }: Admission): void {
  for (const limit of limits) keys.push(limitKey(subject, limit.name, kindOf(limit)))
  if (sessionId !== undefined) keys.push(revokedKey(subject, sessionId))
}

/** What the script is told of an admission. */
function numbersOf({ limits, sessionId }: Admission): string {
  let numbers = `${limits.length} ${sessionId === undefined ? 0 : 1} `
  for (const { max, windowMs } of limits) numbers += `${max} ${windowMs} `
  return numbers
}
