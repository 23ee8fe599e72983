import { availableParallelism } from 'node:os'

/** Whose speech is recognised first, over all speakers of this process: what is finished, then what is under way. */
export interface Turns {
  /** A turn for words so far; null while finished speech waits or enough others have one. Give it back. */
  interim(): (() => void) | null
  /** Says that finished speech waits, until it is given back. */
  final(): () => void
}

export function createTurns(interimsAtOnce = Math.max(1, Math.floor(availableParallelism() / 2))): Turns {
  let finals = 0
  let interims = 0
  return {
    interim() {
      if (finals > 0 || interims >= interimsAtOnce) return null
      interims++
      return () => void interims--
    },
    final() {
      finals++
      return () => void finals--
    },
  }
}
