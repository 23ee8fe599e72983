/** What the speech engines take, in samples a second. */
export const SAMPLE_RATE = 16_000

const ZERO_CROSSINGS = 16
/** Of half the lower rate: the rest is the filter's slope. */
const PASS_BAND = 0.93
/** Kaiser's: about 90 dB below. */
const BETA = 9
const MAX_PHASES = 1024

export interface Resampler {
  /** Takes mono samples and gives those of the output that are complete. */
  push(samples: Float32Array): Float32Array
  /** What is left, as if silence followed. */
  flush(): Float32Array
}

/** Brings mono sound of any rate to 16 kHz, in pieces of any size: a windowed sinc that lets nothing fold over. */
export function createResampler(rate: number): Resampler {
  if (rate === SAMPLE_RATE) return { push: (samples) => samples, flush: () => new Float32Array(0) }
  const { taps, phases, filters } = createFilters(rate)
  const reach = taps / 2
  // The samples still needed; the first stands at `origin` of the input. Silence comes before the beginning.
  let held = new Float32Array(reach)
  let origin = -reach
  let received = 0
  let made = 0

  function push(samples: Float32Array): Float32Array {
    received += samples.length
    const joined = new Float32Array(held.length + samples.length)
    joined.set(held)
    joined.set(samples, held.length)
    const end = origin + joined.length
    const out = new Float32Array(Math.max(0, Math.ceil(((end - reach) * SAMPLE_RATE) / rate) - made))
    let count = 0
    for (; count < out.length; count++) {
      const position = ((made + count) * rate) / SAMPLE_RATE
      const whole = Math.floor(position)
      if (whole + reach >= end) break
      const phase = Math.min(phases - 1, Math.round((position - whole) * phases))
      const first = whole - reach + 1 - origin
      const filter = phase * taps
      let sum = 0
      for (let tap = 0; tap < taps; tap++) sum += (joined[first + tap] ?? 0) * (filters[filter + tap] ?? 0)
      out[count] = sum
    }
    made += count
    const needed = Math.floor((made * rate) / SAMPLE_RATE) - reach
    const drop = Math.min(joined.length, Math.max(0, needed - origin))
    held = joined.slice(drop)
    origin += drop
    return out.subarray(0, count)
  }

  return {
    push,
    flush() {
      const due = Math.ceil((received * SAMPLE_RATE) / rate) - made
      return push(new Float32Array(taps + 1)).subarray(0, Math.max(0, due))
    },
  }
}

/** One filter for each place an output sample can have between two of the input. */
function createFilters(rate: number) {
  const phases = Math.min(MAX_PHASES, SAMPLE_RATE / greatestCommonDivisor(rate, SAMPLE_RATE))
  const cutoff = Math.min(1, SAMPLE_RATE / rate) * PASS_BAND
  const taps = 2 * Math.ceil(ZERO_CROSSINGS / cutoff)
  const filters = new Float32Array(phases * taps)
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0
    for (let tap = 0; tap < taps; tap++) {
      const distance = tap - taps / 2 + 1 - phase / phases
      const value = sinc(distance * cutoff) * kaiser(distance / (taps / 2))
      filters[phase * taps + tap] = value
      sum += value
    }
    // Every filter passes a constant unchanged.
    for (let tap = 0; tap < taps; tap++) filters[phase * taps + tap] = (filters[phase * taps + tap] ?? 0) / sum
  }
  return { taps, phases, filters }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA)
}

/** The modified Bessel function of the first kind and order zero. */
function bessel(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-9; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
