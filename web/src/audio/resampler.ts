/** Brings sound from one rate to a lower one, piece by piece, without the tones that the lower rate cannot hold. */
export interface Resampler {
  push(samples: Float32Array): Float32Array
}

const TAPS = 48

/** A windowed-sinc low-pass at nine tenths of the new half rate, read off at the new rate. Both rates in Hz. */
export function createResampler(from: number, to: number): Resampler {
  if (from === to) return { push: (samples) => samples }
  const step = from / to
  const cutoff = (0.9 * Math.min(from, to)) / 2 / from
  const kernel = lowPass(cutoff)
  let rest = new Float32Array(TAPS)
  /** Where the next sample is read, in samples from the beginning of what is kept. */
  let at = 0

  return {
    push(samples) {
      const all = new Float32Array(rest.length + samples.length)
      all.set(rest)
      all.set(samples, rest.length)
      const count = Math.max(0, Math.floor((all.length - TAPS - 1 - at) / step) + 1)
      const out = new Float32Array(count)
      for (let i = 0; i < count; i++, at += step) {
        const whole = Math.floor(at)
        const part = at - whole
        out[i] = (1 - part) * filtered(all, whole) + part * filtered(all, whole + 1)
      }
      const used = Math.floor(at)
      rest = all.slice(used)
      at -= used
      return out
    },
  }

  function filtered(all: Float32Array, begin: number): number {
    let sum = 0
    for (let k = 0; k < TAPS; k++) sum += (kernel[k] ?? 0) * (all[begin + k] ?? 0)
    return sum
  }
}

/** A Hann-windowed sinc whose sum is one. `cutoff` in parts of the rate. */
function lowPass(cutoff: number): Float32Array {
  const middle = (TAPS - 1) / 2
  const kernel = Float32Array.from({ length: TAPS }, (_, k) => {
    const x = k - middle
    const sinc = Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x)
    return sinc * (0.5 - 0.5 * Math.cos((2 * Math.PI * k) / (TAPS - 1)))
  })
  const sum = kernel.reduce((total, value) => total + value, 0)
  return kernel.map((value) => value / sum)
}
