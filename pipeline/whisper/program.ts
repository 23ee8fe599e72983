import { Whisper, WhisperFullParams, WhisperSamplingStrategy } from '@napi-rs/whisper'
import { serve } from '../engine-process/serve.ts'
import { threadsNow } from '../engine-process/threads.ts'
import { createRecognition, type WindowAnswer, type WindowQuestion } from '../recognition.ts'
import { SAMPLE_RATE } from '../voice-activity/silero.ts'

/** Paths of the model files. */
export interface WhisperLoad {
  model: string
  silero: string
}

const CONTEXT_PER_SECOND = 50
const MAX_CONTEXT = 1500
// With less it loops on short clips.
const MIN_CONTEXT = 512
const CONTEXT_MARGIN = 128
const DETECTED_SAMPLES = 8 * SAMPLE_RATE

serve<WhisperLoad, WindowQuestion, WindowAnswer>(({ model, silero }) => {
  const whisper = new Whisper(model)
  return createRecognition({
    silero,
    recognise: (samples, language) => whisper.full(parameters(samples, language), samples),
    detect(samples) {
      const beginning = samples.subarray(0, DETECTED_SAMPLES)
      const asked = parameters(beginning, 'auto')
      asked.detectLanguage = true
      whisper.full(asked, beginning)
      return Whisper.lang(whisper.fullLangId) ?? 'en'
    },
  })
})

function parameters(samples: Float32Array, language: string): WhisperFullParams {
  const seconds = samples.length / SAMPLE_RATE
  const asked = new WhisperFullParams(WhisperSamplingStrategy.Greedy)
  asked.language = language
  // What it looks at, instead of always 30 s: this is what makes it fast.
  asked.audioCtx = Math.min(
    MAX_CONTEXT,
    Math.max(MIN_CONTEXT, Math.ceil(seconds * CONTEXT_PER_SECOND) + CONTEXT_MARGIN),
  )
  asked.nThreads = threadsNow()
  asked.noContext = true
  asked.printProgress = false
  asked.printRealtime = false
  asked.printTimestamps = false
  return asked
}
