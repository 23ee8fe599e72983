import { plausible } from './plausible.ts'
import type { TranscriptSegment } from './transcriber.ts'
import { loadSherpa } from './voice-activity/sherpa.ts'
import { createSilero, SAMPLE_RATE } from './voice-activity/silero.ts'
import { findSpans } from './voice-activity/spans.ts'

/** A window of a recording, 16 kHz mono, 30 s at most. */
export interface WindowQuestion {
  samples: Float32Array
  /** ISO 639-1; absent: which language is it? */
  language?: string
  /** Nothing follows. */
  last: boolean
}

export interface WindowAnswer {
  /** Times from the beginning of the window. */
  segments: TranscriptSegment[]
  /** How many samples are dealt with: the next window begins there. */
  consumed: number
  /** Of a question without language: ISO 639-1, or null when nobody speaks in the window. */
  language: string | null
}

// Recognisers get a first word wrong that begins with the recording, and stumble over an abrupt end.
const QUIET_BEFORE = 0.3 * SAMPLE_RATE
const QUIET_AFTER = 0.3 * SAMPLE_RATE

/** What an engine process does with a window once its recogniser is loaded: finds speech, and recognises each part. */
export function createRecognition(options: {
  silero: string
  recognise(samples: Float32Array, language: string): string
  detect?(samples: Float32Array): string
}): (question: WindowQuestion) => WindowAnswer {
  const vad = createSilero(loadSherpa(), options.silero)
  return ({ samples, language, last }) => {
    const { spans, consumed } = findSpans(vad, samples, last)
    if (language === undefined) {
      const longest = spans.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0]
      const speech = longest && samples.subarray(longest.from, longest.to)
      return { segments: [], consumed, language: (speech && options.detect?.(speech)) ?? null }
    }
    const segments = spans.flatMap(({ from, to }) => {
      const text = plausible(options.recognise(between(samples, from, to), language), (to - from) / SAMPLE_RATE)
      return text === '' ? [] : [{ start_s: from / SAMPLE_RATE, end_s: to / SAMPLE_RATE, text }]
    })
    return { segments, consumed, language }
  }
}

/** A part of the samples with quiet around it. */
function between(samples: Float32Array, from: number, to: number): Float32Array {
  const part = new Float32Array(QUIET_BEFORE + (to - from) + QUIET_AFTER)
  part.set(samples.subarray(from, to), QUIET_BEFORE)
  return part
}
