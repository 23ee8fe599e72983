import type { SpeechFrame } from '../meeting/frames.ts'

/** Speech of the server, heard in the order in which it came. */
export interface Playback {
  /** What the next sound is. */
  announce(frame: SpeechFrame): void
  sound(data: ArrayBuffer): void
  /** 0 to 1. */
  setVolume(volume: number): void
  /** Silence, now. */
  stop(): void
  close(): void
}

/** Sound that begins a moment after it came has no gaps between its parts. */
const LEAD_S = 0.05

export function createPlayback(): Playback {
  let context: AudioContext | null = null
  let gain: GainNode | null = null
  let volume = 1
  let announced: { rate: number; left: number } | null = null
  let parts: Uint8Array[] = []
  let heardUntil = 0
  const playing = new Set<AudioBufferSourceNode>()

  function open(): { context: AudioContext; gain: GainNode } {
    context ??= new AudioContext()
    if (!gain) {
      gain = context.createGain()
      gain.gain.value = volume
      gain.connect(context.destination)
    }
    return { context, gain }
  }

  function play(rate: number, samples: Float32Array<ArrayBuffer>): void {
    const { context, gain } = open()
    void context.resume()
    const buffer = context.createBuffer(1, samples.length, rate)
    buffer.copyToChannel(samples, 0)
    const node = context.createBufferSource()
    node.buffer = buffer
    node.connect(gain)
    const begins = Math.max(context.currentTime + LEAD_S, heardUntil)
    heardUntil = begins + buffer.duration
    node.onended = () => playing.delete(node)
    playing.add(node)
    node.start(begins)
  }

  return {
    announce({ sample_rate, bytes }) {
      announced = { rate: sample_rate, left: bytes }
      parts = []
    },
    sound(data) {
      if (!announced) return
      parts.push(new Uint8Array(data))
      announced.left -= data.byteLength
      if (announced.left > 0) return
      if (volume > 0) play(announced.rate, toSamples(parts))
      announced = null
      parts = []
    },
    setVolume(value) {
      volume = value
      if (gain) gain.gain.value = value
    },
    stop() {
      announced = null
      for (const node of playing) node.stop()
      playing.clear()
      heardUntil = 0
    },
    close() {
      void context?.close()
      context = null
    },
  }
}

/** Little-endian PCM, two bytes a sample, as -1 to 1. */
function toSamples(parts: readonly Uint8Array[]): Float32Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  const view = new DataView(bytes.buffer)
  return Float32Array.from({ length: Math.floor(bytes.length / 2) }, (_, i) => view.getInt16(i * 2, true) / 32_768)
}
