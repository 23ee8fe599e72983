import { createRequire } from 'node:module'

/** What we use of sherpa-onnx-node, which has no types of its own. */
export interface Sherpa {
  Vad: new (config: object, bufferSeconds: number) => SherpaVad
  OfflineRecognizer: new (config: object) => SherpaRecognizer
}

export interface SherpaVad {
  acceptWaveform(samples: Float32Array): void
  isEmpty(): boolean
  isDetected(): boolean
  /** `start` counts samples since the last reset. */
  front(externalBuffer?: boolean): { start: number; samples: Float32Array }
  pop(): void
  flush(): void
  reset(): void
}

export interface SherpaRecognizer {
  createStream(): { acceptWaveform(wave: { sampleRate: number; samples: Float32Array }): void }
  decode(stream: object): void
  getResult(stream: object): { text: string }
}

/** Loads the native library. @throws where it has no build for this machine */
export function loadSherpa(): Sherpa {
  return createRequire(import.meta.url)('sherpa-onnx-node') as Sherpa
}
