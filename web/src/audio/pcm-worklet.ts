import { createResampler } from './resampler.ts'

// Runs in the audio thread: what a microphone gives becomes 16 kHz PCM, two bytes a sample, in parts of 40 ms.

declare const sampleRate: number
declare function registerProcessor(name: string, processor: unknown): void
declare class AudioWorkletProcessor {
  readonly port: MessagePort
}

const RATE = 16_000
const PART = 640

class PcmProcessor extends AudioWorkletProcessor {
  readonly resampler = createResampler(sampleRate, RATE)
  part = new Int16Array(PART)
  filled = 0

  process([input]: Float32Array[][]): boolean {
    const channel = input?.[0]
    if (!channel) return true
    for (const sample of this.resampler.push(channel)) {
      this.part[this.filled++] = Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767)))
      if (this.filled < PART) continue
      this.port.postMessage(this.part.buffer, [this.part.buffer])
      this.part = new Int16Array(PART)
      this.filled = 0
    }
    return true
  }
}

registerProcessor('pcm', PcmProcessor)
