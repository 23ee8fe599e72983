import { EngineError } from '../engine-error.ts'
import { createProvider } from '../http.ts'
import { USUAL_LANGUAGES } from '../languages.ts'
import type { Synthesizer } from '../synthesizer.ts'
import { readWav } from '../wav.ts'
import { bearer, type OpenAiOptions } from './options.ts'

const MAX_ANSWER_BYTES = 32 * 1024 * 1024
const DEFAULT_MODEL = 'tts-1'
const DEFAULT_VOICE = 'alloy'
const VOICE = /^[\w.+-]{1,64}$/

/** Text to speech by `POST {url}/audio/speech`, as OpenAI, speaches and LocalAI serve it. The voice reads whatever language the text is in. */
export function createOpenAiSynthesizer(options: OpenAiOptions & { voice: string | null }): Synthesizer {
  const { name = 'openai', url, key, model } = options
  const provider = createProvider({ engine: name, baseUrl: url, headers: bearer(key) })

  return {
    name,
    languages: () => USUAL_LANGUAGES,
    async synthesize({ text, voice = options.voice ?? DEFAULT_VOICE, signal }) {
      if (!VOICE.test(voice)) throw new EngineError(name, 'rejected', 'not a name of a voice')
      const wav = await provider.fetch({
        method: 'POST',
        path: '/audio/speech',
        json: { model: model ?? DEFAULT_MODEL, input: text, voice, response_format: 'wav' },
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      })
      const sound = readWav(wav)
      if (!sound || sound.pcm.length === 0) throw new EngineError(name, 'garbage', 'an answer that is no speech')
      return { ...sound, engine: name }
    },
    close: async () => undefined,
  }
}
