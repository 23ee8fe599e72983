import { AppError } from '../../errors.ts'

/** A file while it comes in. */
export interface Intake {
  /**
   * Throws PAYLOAD_TOO_LARGE when the file is larger than allowed, RATE_LIMIT_EXCEEDED when its sender has sent too much that
   * waits still, PROVIDER_UNAVAILABLE when the process holds too much already.
   */
  add(piece: Buffer): void
  /** What came, as one. */
  bytes(): Buffer
  /** Forgets it. */
  release(): void
}

export interface IntakeLimits {
  /** Of one file, in bytes. */
  maxFile: number
  /** Of all of one sender that come in and wait, in bytes. */
  maxSender: number
  /** Of all that come in and wait, in bytes. */
  maxTotal: number
}

/** Opens intakes that share the memory they may take: a slow sender holds what it has sent, and nothing besides. */
export function createIntakes({ maxFile, maxSender, maxTotal }: IntakeLimits): (sender: string) => Intake {
  let total = 0
  const bySender = new Map<string, number>()
  const retry = { headers: { 'retry-after': '5' } }

  function hold(sender: string, bytes: number): void {
    total += bytes
    const held = (bySender.get(sender) ?? 0) + bytes
    if (held > 0) bySender.set(sender, held)
    else bySender.delete(sender)
  }

  return (sender) => {
    const pieces: Buffer[] = []
    let size = 0
    return {
      add(piece) {
        if (size + piece.length > maxFile) throw new AppError('PAYLOAD_TOO_LARGE', 'The file is too large.')
        if ((bySender.get(sender) ?? 0) + piece.length > maxSender)
          throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many recordings at once.', retry)
        if (total + piece.length > maxTotal) throw new AppError('PROVIDER_UNAVAILABLE', undefined, retry)
        pieces.push(piece)
        size += piece.length
        hold(sender, piece.length)
      },
      bytes: () => Buffer.concat(pieces),
      release() {
        pieces.length = 0
        hold(sender, -size)
        size = 0
      },
    }
  }
}
