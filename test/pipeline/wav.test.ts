import fc from 'fast-check'
import t from 'tap'
import { readWav, toPcm, writeWav } from '../../pipeline/wav.ts'
import { streamedWav } from '../support/providers/openai.ts'

const pcm = toPcm(Float32Array.from({ length: 100 }, (_, i) => Math.sin(i / 5)))

/** A WAV file with any format. */
function wav(coding: number, channels: number, rate: number, bits: number, data: Buffer): Buffer {
  const file = writeWav({ pcm: data, sample_rate: rate })
  file.writeUInt16LE(coding, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt16LE(bits, 34)
  return file
}

t.test('what is written is read, whatever the rate', async (t) => {
  for (const sample_rate of [8_000, 16_000, 22_050, 24_000, 48_000])
    t.same(readWav(writeWav({ pcm, sample_rate })), { pcm, sample_rate })
})

t.test('a stream whose length is not known is read to its end, other chunks are passed over', async (t) => {
  const read = readWav(streamedWav(24_000, 500))
  t.equal(read?.sample_rate, 24_000)
  t.equal(read?.pcm.length, 1000)
})

t.test('several channels become one, and floats become 16 bits', async (t) => {
  const stereo = Buffer.alloc(8)
  for (const [i, value] of [1000, 3000, -32_767, -32_767].entries()) stereo.writeInt16LE(value, i * 2)
  const mono = readWav(wav(1, 2, 16_000, 16, stereo))
  t.same([mono?.pcm.readInt16LE(0), mono?.pcm.readInt16LE(2)], [2000, -32_767])
  const floats = Buffer.alloc(12)
  for (const [i, value] of [0.5, -2, Number.NaN].entries()) floats.writeFloatLE(value, i * 4)
  const read = readWav(wav(3, 1, 16_000, 32, floats))?.pcm
  t.same([read?.readInt16LE(0), read?.readInt16LE(2), read?.readInt16LE(4)], [16_384, -32_767, 0])
})

t.test('what is no such file is none, and mutated files do no harm', async (t) => {
  t.equal(readWav(Buffer.from('RIFF')), null)
  t.equal(readWav(wav(1, 1, 16_000, 8, pcm)), null)
  t.equal(readWav(wav(1, 9, 16_000, 16, pcm)), null)
  t.equal(readWav(wav(1, 1, 4_000_000, 16, pcm)), null)
  t.equal(readWav(wav(85, 1, 16_000, 16, pcm)), null)
  const file = streamedWav(24_000, 50)
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255))), fc.nat(file.length), (changes, length) => {
      const mutated = Buffer.from(file.subarray(0, length))
      for (const [at, value] of changes) if (at < length) mutated[at] = value
      const read = readWav(mutated)
      return read === null || (read.pcm.length % 2 === 0 && read.sample_rate >= 8000 && read.sample_rate <= 48_000)
    }),
  )
})
