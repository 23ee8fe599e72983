import { serve } from '../engine-process/serve.ts'
import { MAX_THREADS, threadsNow } from '../engine-process/threads.ts'
import { createRecognition, type WindowAnswer, type WindowQuestion } from '../recognition.ts'
import { loadSherpa, type SherpaRecognizer } from '../voice-activity/sherpa.ts'
import { SAMPLE_RATE } from '../voice-activity/silero.ts'

/** Paths of the model files. */
export interface MoonshineLoad {
  encoder: string
  decoder: string
  tokens: string
  silero: string
}

serve<MoonshineLoad, WindowQuestion, WindowAnswer>(({ encoder, decoder, tokens, silero }) => {
  const sherpa = loadSherpa()
  const recogniser = (numThreads: number): SherpaRecognizer =>
    new sherpa.OfflineRecognizer({
      featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
      modelConfig: { moonshine: { encoder, mergedDecoder: decoder }, tokens, numThreads, provider: 'cpu' },
    })
  // The number of threads is fixed when a recogniser is made.
  const busy = recogniser(1)
  const calm = MAX_THREADS === 1 ? busy : recogniser(MAX_THREADS)
  return createRecognition({
    silero,
    recognise(samples) {
      const chosen = threadsNow() === 1 ? busy : calm
      const stream = chosen.createStream()
      stream.acceptWaveform({ sampleRate: SAMPLE_RATE, samples })
      chosen.decode(stream)
      return chosen.getResult(stream).text
    },
  })
})
