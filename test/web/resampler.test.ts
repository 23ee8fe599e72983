import t from 'tap'
import { createResampler } from '../../web/src/audio/resampler.ts'

const RATES = [48_000, 44_100, 96_000]
const tone = (hertz: number, rate: number) =>
  Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate))
const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length)

/** In parts of 128 samples, as an audio thread gives them. */
function resampled(samples: Float32Array, from: number): Float32Array {
  const resampler = createResampler(from, 16_000)
  const parts: number[] = []
  for (let at = 0; at < samples.length; at += 128) parts.push(...resampler.push(samples.subarray(at, at + 128)))
  return Float32Array.from(parts)
}

for (const rate of RATES) {
  t.test(`from ${rate} Hz a voice stays what it was, in as many samples as 16 kHz has`, async (t) => {
    const out = resampled(tone(1000, rate), rate)
    t.ok(Math.abs(out.length - 16_000) <= 16, `${out.length} samples a second`)
    const [heard, said] = [loudness(out.subarray(200)), loudness(tone(1000, rate))]
    t.ok(Math.abs(heard / said - 1) < 0.05, `${heard / said} times as loud`)
    const crossings = out.subarray(1).reduce((count, sample, i) => count + Number((out[i] ?? 0) < 0 && sample >= 0), 0)
    t.ok(Math.abs(crossings - 1000) < 10, `${crossings} Hz`)
  })

  t.test(`from ${rate} Hz tones that 16 kHz cannot hold do not come back as others`, async (t) => {
    const out = resampled(tone(12_000, rate), rate)
    t.ok(loudness(out.subarray(200)) < 0.02 * loudness(tone(12_000, rate)))
  })
}

t.test('what has the rate already is left alone', async (t) => {
  const samples = tone(440, 16_000)
  t.equal(createResampler(16_000, 16_000).push(samples), samples)
})
