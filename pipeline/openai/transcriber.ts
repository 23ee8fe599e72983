import { EngineError } from '../engine-error.ts'
import { createProvider, type Provider } from '../http.ts'
import { at, field, list, numberOf, textOf } from '../json.ts'
import { languageNamed, USUAL_LANGUAGES } from '../languages.ts'
import { languageOfText } from '../text-language.ts'
import type { Transcriber, TranscriberAnswer, TranscriberRequest, TranscriptSegment } from '../transcriber.ts'
import { toPcm, writeWav } from '../wav.ts'
import { bearer, type OpenAiOptions } from './options.ts'

const SAMPLE_RATE = 16_000
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const DEFAULT_MODEL = 'whisper-1'
/** Whisper's own rule for what it made up where nobody speaks. */
const NO_SPEECH = 0.6
const UNLIKELY = -1

/**
 * Speech to text by `POST {url}/audio/transcriptions`, as OpenAI, speaches, vLLM, LocalAI and whisper.cpp serve it. Servers that do not know
 * `verbose_json` are asked for `json`, which has no segments.
 */
export function createOpenAiTranscriber(options: OpenAiOptions): Transcriber {
  const { name = 'openai', url, key, model } = options
  const provider = createProvider({ engine: name, baseUrl: url, headers: bearer(key) })
  let isVerbose = true

  async function ask(request: TranscriberRequest, wav: Buffer<ArrayBuffer>, format: string): Promise<unknown> {
    const form = new FormData()
    form.set('file', new Blob([wav], { type: 'audio/wav' }), 'audio.wav')
    form.set('model', model ?? DEFAULT_MODEL)
    form.set('response_format', format)
    if (request.language) form.set('language', request.language)
    return post(provider, form, request.signal)
  }

  async function answerTo(request: TranscriberRequest): Promise<unknown> {
    const wav = writeWav({ pcm: toPcm(request.samples), sample_rate: SAMPLE_RATE })
    if (!isVerbose) return ask(request, wav, 'json')
    try {
      return await ask(request, wav, 'verbose_json')
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'rejected') throw error
      // If this succeeds it was the format that was refused, and not the recording.
      const plain = await ask(request, wav, 'json')
      isVerbose = false
      return plain
    }
  }

  return {
    name,
    languages: () => USUAL_LANGUAGES,
    async transcribe(request) {
      const answer = await answerTo(request)
      const read = readTranscript(answer, request.samples.length / SAMPLE_RATE)
      if (!read) throw new EngineError(name, 'garbage', 'an answer without a transcript')
      return { ...read, language: await languageOf(request, answer, read.text), engine: name }
    },
    close: async () => undefined,
  }
}

function post(provider: Provider, body: FormData, signal: AbortSignal | undefined): Promise<unknown> {
  const path = '/audio/transcriptions'
  return provider.json({ method: 'POST', path, body, maxBytes: MAX_ANSWER_BYTES, ...(signal ? { signal } : {}) })
}

/** The transcript of an answer, without what was made up over silence; null when it is none. */
function readTranscript(answer: unknown, duration: number): Pick<TranscriberAnswer, 'text' | 'segments'> | null {
  const text = textOf(field(answer, 'text'))
  if (text === undefined) return null
  const given = list(field(answer, 'segments'))
  if (given.length === 0) {
    const whole = text.trim()
    return { text: whole, segments: whole === '' ? [] : [{ start_s: 0, end_s: duration, text: whole }] }
  }
  const segments: TranscriptSegment[] = []
  for (const segment of given) {
    const [start, end, words] = [
      numberOf(field(segment, 'start')),
      numberOf(field(segment, 'end')),
      textOf(field(segment, 'text')),
    ]
    if (start === undefined || end === undefined || words === undefined) return null
    if (isInvented(segment) || words.trim() === '') continue
    const start_s = Math.min(Math.max(0, start), duration)
    segments.push({ start_s, end_s: Math.min(Math.max(start_s, end), duration), text: words.trim() })
  }
  return { text: segments.map((segment) => segment.text).join(' '), segments }
}

function isInvented(segment: unknown): boolean {
  const silence = numberOf(at(segment, 'no_speech_prob')) ?? 0
  return silence > NO_SPEECH && (numberOf(at(segment, 'avg_logprob')) ?? 0) < UNLIKELY
}

async function languageOf(request: TranscriberRequest, answer: unknown, text: string): Promise<string> {
  return request.language ?? languageNamed(field(answer, 'language')) ?? (await languageOfText(text)) ?? 'und'
}
