/** How the decoding program ends, as an exit code: what it found out about the recording. Other codes and signals: it broke. */
export const EXIT = { unsupported: 10, damaged: 11, too_long: 12, needs_program: 13 } as const

export interface Limits {
  /** Of sound; more is refused as soon as it shows. */
  maxSeconds: number
  /** How long decoding may take, on a machine that is busy too. */
  timeoutMs: number
  /** Of the processor. */
  cpuSeconds: number
}
