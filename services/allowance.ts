import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { DailyUse } from '../state/daily-use.ts'
import type { Subject } from '../state/state.ts'

/** What the engines cost: seconds of sound that are recognised, characters that are translated or spoken. */
export type AllowanceKind = 'audio_seconds' | 'characters'

export interface AllowanceDeps {
  dailyUse: DailyUse
  config: Pick<Config, 'allowanceAudioMinutesPerDay' | 'allowanceCharactersPerDay'>
}

/** How much of the engines somebody may use in a day (UTC). */
export interface Allowance {
  /**
   * Takes the amount from what a user has left today; all of it or nothing. Throws RATE_LIMIT_EXCEEDED with Retry-After when there is not
   * enough, and StateUnavailableError as the limits do.
   */
  take(userId: string, kind: AllowanceKind, amount: number): Promise<void>
  /** The same for any subject: a guest is `g:<participant id>`. */
  takeFor(subject: Subject, kind: AllowanceKind, amount: number): Promise<void>
}

/** Sound is counted in milliseconds: whole numbers add up exactly. */
const UNITS: Readonly<Record<AllowanceKind, number>> = { audio_seconds: 1000, characters: 1 }

export function createAllowance({ dailyUse, config }: AllowanceDeps): Allowance {
  const most: Readonly<Record<AllowanceKind, number>> = {
    audio_seconds: config.allowanceAudioMinutesPerDay * 60,
    characters: config.allowanceCharactersPerDay,
  }

  async function takeFor(subject: Subject, kind: AllowanceKind, amount: number): Promise<void> {
    // 0: nobody counts.
    if (most[kind] === 0 || !(amount > 0)) return
    const unit = UNITS[kind]
    const use = { subject, kind, amount: Math.ceil(amount * unit), max: most[kind] * unit }
    const { allowed, resetMs } = await dailyUse.take(use)
    if (allowed) return
    throw new AppError('RATE_LIMIT_EXCEEDED', "Today's allowance is used up.", {
      headers: { 'retry-after': String(Math.max(1, Math.ceil(resetMs / 1000))) },
    })
  }

  return { takeFor, take: (userId, kind, amount) => takeFor(`u:${userId}`, kind, amount) }
}
