import { availableParallelism } from 'node:os'
import { serve } from '../engine-process/serve.ts'
import { createRecognition, type WindowAnswer, type WindowQuestion } from '../recognition.ts'
import { loadSherpa } from '../voice-activity/sherpa.ts'
import { SAMPLE_RATE } from '../voice-activity/silero.ts'

/** Paths of the model files. */
export interface MoonshineLoad {
  encoder: string
  decoder: string
  tokens: string
  silero: string
}

serve<MoonshineLoad, WindowQuestion, WindowAnswer>(({ encoder, decoder, tokens, silero }) => {
  const recogniser = new (loadSherpa().OfflineRecognizer)({
    featConfig: { sampleRate: SAMPLE_RATE, featureDim: 80 },
    modelConfig: {
      moonshine: { encoder, mergedDecoder: decoder },
      tokens,
      numThreads: Math.min(2, availableParallelism()),
      provider: 'cpu',
    },
  })
  return createRecognition({
    silero,
    recognise(samples) {
      const stream = recogniser.createStream()
      stream.acceptWaveform({ sampleRate: SAMPLE_RATE, samples })
      recogniser.decode(stream)
      return recogniser.getResult(stream).text
    },
  })
})
