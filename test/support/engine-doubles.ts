import type { Synthesizer, SynthesizerRequest } from '../../pipeline/synthesizer.ts'
import type { Transcriber, TranscriberRequest } from '../../pipeline/transcriber.ts'

/** In place of somebody's engine: says how much sound it was given, and keeps the requests. */
export function countingTranscriber(answering: () => Promise<void> = async () => undefined) {
  const requests: TranscriberRequest[] = []
  const transcriber: Transcriber = {
    name: 'counting',
    languages: () => ['en', 'es'],
    async transcribe(request) {
      requests.push(request)
      await answering()
      request.signal?.throwIfAborted()
      const end_s = request.samples.length / 16_000
      const text = `${request.samples.length} samples`
      const segments = [{ start_s: 0, end_s, text }]
      return { text, language: request.language ?? 'en', segments, engine: 'counting' }
    },
    close: async () => undefined,
  }
  return { transcriber, requests }
}

/** In place of somebody's engine: one sample for each character, at 22,050 Hz. */
export function countingSynthesizer() {
  const requests: SynthesizerRequest[] = []
  const synthesizer: Synthesizer = {
    name: 'counting',
    languages: () => ['en', 'pt'],
    async synthesize(request) {
      requests.push(request)
      const pcm = Buffer.alloc(request.text.length * 2, 7)
      return { pcm, sample_rate: 22_050, engine: 'counting' }
    },
    close: async () => undefined,
  }
  return { synthesizer, requests }
}
