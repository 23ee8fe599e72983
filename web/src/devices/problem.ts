/** Why a device cannot be had. */
export type DeviceProblem = 'refused' | 'absent' | 'busy' | 'insecure'

/** What the browser means by what it threw. */
export function problemOf(error: unknown): DeviceProblem {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused'
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'absent'
  // Without TLS there are no devices at all, and asking for one is a mistake of type.
  return globalThis.isSecureContext ? 'busy' : 'insecure'
}
