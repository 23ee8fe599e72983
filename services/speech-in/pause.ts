const SAMPLE_RATE = 16_000
/** So much quiet is likely the end: the voice activity says so a little later. */
const LIKELY_END = 0.18 * SAMPLE_RATE
/** Quieter than this part of the loudest so far. */
const QUIET = 0.08

/** Guesses from the loudness that somebody has stopped speaking, before it is sure. */
export interface Pause {
  /** Takes sound as it comes. True once a pause: when it is likely to be the end. */
  push(samples: Float32Array): boolean
}

export function createPause(): Pause {
  let loudest = 0
  let quiet = 0
  let told = false
  return {
    push(samples) {
      let energy = 0
      for (const sample of samples) energy += sample * sample
      const loudness = Math.sqrt(energy / Math.max(1, samples.length))
      loudest = Math.max(loudest, loudness)
      if (loudness > loudest * QUIET) {
        quiet = 0
        told = false
      } else quiet += samples.length
      if (told || quiet < LIKELY_END) return false
      told = true
      return true
    },
  }
}
