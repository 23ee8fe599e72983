import { Counter, type Registry } from 'prom-client'
import type { SecurityOutcome } from '../security-log.ts'

/** Counts a security event. The actions are names in our code, and few. */
export type CountSecurityEvent = (action: string, outcome: SecurityOutcome) => void

export function createSecurityEventMetrics(registry: Registry): CountSecurityEvent {
  const events = new Counter({
    ...{
      name: 'fluentmeet_security_events_total',
      help: 'Security events, as they are logged.',
      registers: [registry],
    },
    labelNames: ['action', 'outcome'] as const,
  })
  return (action, outcome) => events.inc({ action, outcome })
}
