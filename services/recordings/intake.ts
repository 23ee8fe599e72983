import { AppError } from '../../errors.ts'

/** A file while it comes in. */
export interface Intake {
  /** Throws PAYLOAD_TOO_LARGE when the file is larger than allowed, PROVIDER_UNAVAILABLE when the process holds too much already. */
  add(piece: Buffer): void
  /** What came, as one. */
  bytes(): Buffer
  /** Forgets it. */
  release(): void
}

export interface IntakeLimits {
  /** Of one file, in bytes. */
  maxFile: number
  /** Of all that come in and wait, in bytes. */
  maxTotal: number
}

/** Opens intakes that share the memory they may take: a slow sender holds what it has sent, and nothing besides. */
export function createIntakes({ maxFile, maxTotal }: IntakeLimits): () => Intake {
  let total = 0

  return () => {
    const pieces: Buffer[] = []
    let size = 0
    return {
      add(piece) {
        if (size + piece.length > maxFile) throw new AppError('PAYLOAD_TOO_LARGE', 'The file is too large.')
        if (total + piece.length > maxTotal)
          throw new AppError('PROVIDER_UNAVAILABLE', undefined, { headers: { 'retry-after': '5' } })
        pieces.push(piece)
        size += piece.length
        total += piece.length
      },
      bytes: () => Buffer.concat(pieces),
      release() {
        pieces.length = 0
        total -= size
        size = 0
      },
    }
  }
}
