import { LRUCache } from 'lru-cache'
import { AppError } from '../errors.ts'
import type { Subject } from '../state/state.ts'
import type { Allowance, AllowanceKind } from './allowance.ts'
import type { Principal } from './principal.ts'

/** Who an engine works for in a meeting: a user, or a guest who is known by its participation alone. */
export interface Payer {
  readonly id: string
  readonly user_id: string | null
}

export function payerOf(principal: Principal): Payer {
  return principal.kind === 'guest'
    ? { id: principal.participantId, user_id: null }
    : { id: principal.userId, user_id: principal.userId }
}

export interface Charge {
  /** Whether engines may work for it. */
  readonly allowed: boolean
  /** What the payer is to be told, as an error frame; null when it was told within the minute, or there is nothing to tell. */
  readonly tell: AppError | null
}

/** The allowance as meetings use it: a caption goes out whatever is left, but untranslated when nothing is. */
export interface MeetingAllowance {
  /** Never throws. While nobody can count the work is not done. */
  charge(payer: Payer, kind: AllowanceKind, amount: number): Promise<Charge>
}

const TOLD_FOR_MS = 60_000
const GRANTED: Charge = { allowed: true, tell: null }

export function createMeetingAllowance({
  allowance,
  now = Date.now,
}: {
  allowance: Pick<Allowance, 'takeFor'>
  now?: () => number
}): MeetingAllowance {
  const told = new LRUCache<Subject, number>({ max: 10_000 })

  function tell(subject: Subject, error: AppError): AppError | null {
    const at = now()
    if ((told.get(subject) ?? Number.NEGATIVE_INFINITY) + TOLD_FOR_MS > at) return null
    told.set(subject, at)
    return error
  }

  return {
    async charge(payer, kind, amount) {
      const subject: Subject = payer.user_id === null ? `g:${payer.id}` : `u:${payer.user_id}`
      try {
        await allowance.takeFor(subject, kind, amount)
        return GRANTED
      } catch (error) {
        const isUsedUp = error instanceof AppError && error.code === 'RATE_LIMIT_EXCEEDED'
        return { allowed: false, tell: isUsedUp ? tell(subject, error) : null }
      }
    },
  }
}
