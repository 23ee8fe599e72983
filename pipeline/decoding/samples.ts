import type { Container, Recording } from './containers.ts'
import { damaged, RecordingRefused } from './refusal.ts'
import { createResampler, type Resampler, SAMPLE_RATE } from './resampler.ts'

interface Decoded {
  channelData: Float32Array[]
  sampleRate: number
}

interface Decoder {
  decode(chunk: Uint8Array): Decoded | Promise<Decoded>
  /** The MP3 decoder keeps nothing back. */
  flush?(): Decoded | Promise<Decoded>
  free(): void
}

/** Loaded when needed: there is one file to a process. */
const DECODERS: Readonly<Record<Exclude<Container, 'mp4'>, () => Promise<Decoder>>> = {
  wav: async () => (await import('@audio/decode-wav')).decoder(),
  webm: async () => (await import('@audio/decode-webm')).decoder(),
  'ogg-opus': async () => (await import('@audio/decode-opus')).decoder(),
  'ogg-vorbis': async () => (await import('@audio/decode-vorbis')).decoder(),
  mp3: async () => (await import('@audio/decode-mp3')).decoder(),
  flac: async () => (await import('@audio/decode-flac')).decoder(),
}

/** Small: a few bytes can stand for a second of sound, and what a piece stands for is held at once. */
const CHUNK = 4_096
const NOTHING: Decoded = { channelData: [], sampleRate: 0 }
const MAX_CHANNELS = 8
const MIN_RATE = 4_000
const MAX_RATE = 192_000

/**
 * The sound of a file as 16 kHz mono, piece by piece.
 * @throws RecordingRefused: `too_long` as soon as there are more than `maxSeconds`; `damaged` for what cannot be decoded or has no sound
 */
export async function* samplesOf(
  bytes: Buffer,
  { container, samples }: Recording,
  maxSeconds: number,
): AsyncGenerator<Float32Array> {
  if (container === 'mp4') throw new RecordingRefused('needs_program', 'This program reads no MP4.')
  const decoder = await DECODERS[container]()
  let resampler: Resampler | null = null
  let rate = 0
  let decoded = 0
  let given = 0
  try {
    for (let at = 0; at < bytes.length + CHUNK; at += CHUNK) {
      const piece = await (at < bytes.length
        ? decoder.decode(bytes.subarray(at, at + CHUNK))
        : (decoder.flush?.() ?? NOTHING))
      const mono = mixed(piece)
      if (mono.length === 0) continue
      if (!resampler) {
        rate = checkedRate(piece.sampleRate)
        if (samples !== null && samples > maxSeconds * rate) tooLong()
        resampler = createResampler(rate)
      } else if (piece.sampleRate !== rate) damaged('The sample rate changes.')
      decoded += mono.length
      if (decoded > maxSeconds * rate) tooLong()
      const out = resampler.push(mono)
      given += out.length
      yield out
    }
    if (!resampler) damaged('There is no sound in the file.')
    if (samples !== null && decoded < samples) damaged('The file has fewer samples than it says.')
    const rest = resampler.flush()
    if (given + rest.length < SAMPLE_RATE / 100) damaged('There is no sound in the file.')
    yield rest
  } finally {
    decoder.free()
  }
}

function tooLong(): never {
  throw new RecordingRefused('too_long', 'The recording is too long.')
}

function checkedRate(rate: number): number {
  return Number.isInteger(rate) && rate >= MIN_RATE && rate <= MAX_RATE
    ? rate
    : damaged('The sample rate is not usable.')
}

/** The mean of the channels; what is no number, or far too loud, is brought back. */
function mixed({ channelData }: Decoded): Float32Array {
  const [first] = channelData
  if (!first) return new Float32Array(0)
  if (channelData.length > MAX_CHANNELS) damaged('There are too many channels.')
  const mono = new Float32Array(first.length)
  for (const channel of channelData)
    for (let index = 0; index < mono.length; index++) mono[index] = (mono[index] ?? 0) + (channel[index] ?? 0)
  for (let index = 0; index < mono.length; index++) {
    const value = (mono[index] ?? 0) / channelData.length
    mono[index] = value >= -1 && value <= 1 ? value : Number.isNaN(value) ? 0 : Math.sign(value)
  }
  return mono
}
