import type { Sherpa, SherpaVad } from './sherpa.ts'

export const SAMPLE_RATE = 16_000
/** The model looks at 32 ms at a time. */
export const FRAME = 512
export const MAX_SPEECH_S = 20

export interface VoiceActivityTimings {
  /** Shorter sounds are not speech. */
  minSpeechS?: number
  /** Shorter pauses do not end a segment. */
  minSilenceS?: number
}

/** A detector: costs about 50 ms and 10 MB to make, 0.4 ms a frame to ask. */
export function createSilero(sherpa: Sherpa, model: string, timings: VoiceActivityTimings = {}): SherpaVad {
  const { minSpeechS = 0.2, minSilenceS = 0.4 } = timings
  return new sherpa.Vad(
    {
      sileroVad: {
        model,
        threshold: 0.5,
        minSpeechDuration: minSpeechS,
        minSilenceDuration: minSilenceS,
        maxSpeechDuration: MAX_SPEECH_S,
        windowSize: FRAME,
      },
      sampleRate: SAMPLE_RATE,
      numThreads: 1,
    },
    // Past the maximum it waits for the next small pause: room for that.
    3 * MAX_SPEECH_S,
  )
}
