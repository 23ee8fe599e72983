import type { CountSecurityEvent } from './metrics/security-events.ts'

export type SecurityOutcome = 'success' | 'failure' | 'refused'
export type SecurityLog = (action: string, outcome: SecurityOutcome, subject: string, extra?: object) => void

/**
 * Writes security events: what was tried, how it ended, whom it is about (an id or a digest, never an address or a token). An action is a
 * name in our code: each is counted by it.
 */
export function createSecurityLog(
  log: { info(fields: object, message: string): void },
  count: CountSecurityEvent = () => undefined,
): SecurityLog {
  return (action, outcome, subject, extra = {}) => {
    count(action, outcome)
    log.info({ ...extra, event: 'security', action, outcome, subject }, 'security')
  }
}
