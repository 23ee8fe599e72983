import t from 'tap'
import { createResampler, SAMPLE_RATE } from '../../../pipeline/decoding/resampler.ts'

const RATES = [8_000, 11_025, 16_000, 22_050, 44_100, 47_999, 48_000, 96_000, 192_000]

function tone(frequency: number, rate: number, seconds = 1): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * frequency * index) / rate))
}

function resample(samples: Float32Array, rate: number, piece = samples.length): Float32Array {
  const resampler = createResampler(rate)
  const out: number[] = []
  for (let at = 0; at < samples.length; at += piece) out.push(...resampler.push(samples.subarray(at, at + piece)))
  return Float32Array.from([...out, ...resampler.flush()])
}

/** Decibels, away from the ends. */
function level(samples: Float32Array): number {
  const middle = samples.subarray(2_000, samples.length - 2_000)
  return 10 * Math.log10(middle.reduce((sum, value) => sum + value * value, 0) / middle.length / 0.5)
}

t.test('speech keeps its length, its level and its place in time', async (t) => {
  for (const rate of RATES) {
    const out = resample(tone(1_000, rate), rate)
    t.ok(Math.abs(out.length - SAMPLE_RATE) <= 1, `${rate}: one second stays one second, ${out.length}`)
    t.ok(Math.abs(level(out)) < 0.1, `${rate}: ${level(out)} dB`)
    const expected = tone(1_000, SAMPLE_RATE)
    const error = out.subarray(2_000, 14_000).map((value, index) => value - (expected[index + 2_000] ?? 0))
    t.ok(Math.max(...error.map(Math.abs)) < 0.01, `${rate}: no shift`)
  }
})

t.test('what 16 kHz cannot hold is taken away, not folded down into the voice', async (t) => {
  for (const rate of RATES.filter((rate) => rate > 22_050))
    t.ok(level(resample(tone(10_000, rate), rate)) < -70, `${rate}: ${level(resample(tone(10_000, rate), rate))} dB`)
})

t.test('the pieces in which it comes make no difference', async (t) => {
  for (const rate of [8_000, 44_100, 48_000]) {
    const whole = tone(700, rate)
    t.same(resample(whole, rate, 97), resample(whole, rate), String(rate))
  }
})

t.test('a few samples and none', async (t) => {
  t.equal(resample(new Float32Array(0), 44_100).length, 0)
  t.ok(resample(new Float32Array(3), 48_000).length <= 2)
})
