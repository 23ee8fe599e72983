/** 16-bit little-endian mono PCM and how many samples a second it has. */
export interface Pcm {
  pcm: Buffer
  sample_rate: number
}

const HEADER_BYTES = 44
const PCM = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe

/** A mono WAV file of 16-bit PCM. */
export function writeWav({ pcm, sample_rate }: Pcm): Buffer<ArrayBuffer> {
  const file = Buffer.alloc(HEADER_BYTES + pcm.length)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(HEADER_BYTES - 8 + pcm.length, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(PCM, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(sample_rate, 24)
  file.writeUInt32LE(sample_rate * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(pcm.length, 40)
  pcm.copy(file, HEADER_BYTES)
  return file
}

/** Samples from -1 to 1 as 16-bit PCM; what is louder is cut. */
export function toPcm(samples: Float32Array): Buffer {
  const pcm = Buffer.alloc(samples.length * 2)
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0
    pcm.writeInt16LE(Math.round(Math.max(-1, Math.min(1, Number.isNaN(sample) ? 0 : sample)) * 32_767), i * 2)
  }
  return pcm
}

interface Format {
  coding: number
  channels: number
  sample_rate: number
  bits: number
}

/**
 * The sound of a WAV file, made mono. Takes 16-bit and 32-bit float samples, any number of channels up to 8, 8 to 48 kHz. A length that is
 * wrong, as in files written while they were made, is taken as "to the end". Null when it is none of this.
 */
export function readWav(file: Buffer): Pcm | null {
  if (file.length < 12 || file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE')
    return null
  let format: Format | null = null
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString('latin1', at, at + 4)
    const size = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, Math.min(file.length, at + 8 + size))
    if (id === 'fmt ') format = readFormat(body)
    if (id === 'data') return format && { pcm: toMono(body, format), sample_rate: format.sample_rate }
    // Chunks begin at even places.
    at += 8 + size + (size % 2)
  }
  return null
}

function readFormat(body: Buffer): Format | null {
  if (body.length < 16) return null
  const named = body.readUInt16LE(0)
  const coding = named === EXTENSIBLE && body.length >= 26 ? body.readUInt16LE(24) : named
  const format = {
    coding,
    channels: body.readUInt16LE(2),
    sample_rate: body.readUInt32LE(4),
    bits: body.readUInt16LE(14),
  }
  const isKnown = (coding === PCM && format.bits === 16) || (coding === FLOAT && format.bits === 32)
  const isUsual =
    format.channels >= 1 && format.channels <= 8 && format.sample_rate >= 8_000 && format.sample_rate <= 48_000
  return isKnown && isUsual ? format : null
}

function toMono(data: Buffer, { coding, channels, bits }: Format): Buffer {
  const width = bits / 8
  const frames = Math.floor(data.length / (width * channels))
  if (coding === PCM && channels === 1) return data.subarray(0, frames * width)
  const mono = new Float32Array(frames)
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) {
      const at = (frame * channels + channel) * width
      sum += coding === FLOAT ? data.readFloatLE(at) : data.readInt16LE(at) / 32_767
    }
    mono[frame] = sum / channels
  }
  return toPcm(mono)
}
