const SAMPLE_RATE = 16_000
/** So much quiet is likely the end: the voice activity says so a little later. */
const LIKELY_END = 0.18 * SAMPLE_RATE
/** Quieter than this part of the loudest so far. */
const QUIET = 0.08

/** Guesses from the loudness that somebody has stopped speaking, before it is sure. */
export interface Pause {
  /** Takes sound as it comes. */
  push(samples: Float32Array): void
  /** Whether it has been quiet for so long that this is likely the end. */
  isLikelyEnd(): boolean
}

export function createPause(): Pause {
  let loudest = 0
  let quiet = 0
  return {
    push(samples) {
      let energy = 0
      for (const sample of samples) energy += sample * sample
      const loudness = Math.sqrt(energy / Math.max(1, samples.length))
      loudest = Math.max(loudest, loudness)
      quiet = loudness > loudest * QUIET ? 0 : quiet + samples.length
    },
    isLikelyEnd: () => quiet >= LIKELY_END,
  }
}
