import { EngineError } from '../engine-error.ts'
import { createProvider } from '../http.ts'
import { at, field, list, numberOf, textOf } from '../json.ts'
import { languageNamed, USUAL_LANGUAGES } from '../languages.ts'
import type { Transcriber, TranscriptSegment } from '../transcriber.ts'
import { toPcm, writeWav } from '../wav.ts'
import { openStream } from './stream.ts'

export interface DeepgramOptions {
  /** Shown to people as the engine; `deepgram` when absent. */
  name?: string
  /** Null: Deepgram's own. */
  url: string | null
  key: string
  model: string | null
  /** How often a silent connection says that it stands: Deepgram closes after ten seconds without a frame. */
  keepAliveMs?: number
}

const SAMPLE_RATE = 16_000
const MAX_ANSWER_BYTES = 8 * 1024 * 1024

/** Speech to text by Deepgram: speech as it comes over a WebSocket, recordings over HTTP. */
export function createDeepgram(options: DeepgramOptions): Transcriber {
  const { name = 'deepgram', key, url, model, keepAliveMs = 4_000 } = options
  const baseUrl = (url ?? 'https://api.deepgram.com/v1').replace(/\/+$/, '')
  const headers = { authorization: `Token ${key}` }
  const provider = createProvider({ engine: name, baseUrl, headers })
  const common = { model: model ?? 'nova-3', punctuate: 'true', smart_format: 'true' }
  const streams = new Set<{ abort(): void }>()

  return {
    name,
    languages: () => USUAL_LANGUAGES,
    async transcribe({ samples, language, signal }) {
      const spoken = language ? { language } : { detect_language: 'true' }
      const answer = await provider.json({
        method: 'POST',
        path: `/listen?${new URLSearchParams({ ...common, ...spoken, utterances: 'true' })}`,
        body: writeWav({ pcm: toPcm(samples), sample_rate: SAMPLE_RATE }),
        contentType: 'audio/wav',
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      })
      const channel = at(answer, 'results', 'channels', 0)
      const text = textOf(at(channel, 'alternatives', 0, 'transcript'))?.trim()
      if (text === undefined) throw new EngineError(name, 'garbage', 'an answer without a transcript')
      return {
        text,
        language: language ?? languageNamed(field(channel, 'detected_language')) ?? 'und',
        segments: segmentsOf(answer, text, samples.length / SAMPLE_RATE),
        engine: name,
      }
    },
    stream(request) {
      const query = new URLSearchParams({ ...common, language: request.language })
      const address = `${baseUrl.replace(/^http/, 'ws')}/listen?${query}`
      const stream = openStream({
        ...request,
        engine: name,
        address,
        headers,
        keepAliveMs,
        onEnd: () => streams.delete(stream),
      })
      streams.add(stream)
      return stream
    },
    async close() {
      for (const stream of streams) stream.abort()
    },
  }
}

/** What was said between pauses; the whole when the answer does not say. */
function segmentsOf(answer: unknown, text: string, duration: number): TranscriptSegment[] {
  const segments: TranscriptSegment[] = []
  for (const utterance of list(at(answer, 'results', 'utterances'))) {
    const [start, end] = [numberOf(field(utterance, 'start')), numberOf(field(utterance, 'end'))]
    const words = textOf(field(utterance, 'transcript'))?.trim()
    if (start === undefined || end === undefined || !words) continue
    const start_s = Math.min(Math.max(0, start), duration)
    segments.push({ start_s, end_s: Math.min(Math.max(start_s, end), duration), text: words })
  }
  if (segments.length > 0 || text === '') return segments
  return [{ start_s: 0, end_s: duration, text }]
}
