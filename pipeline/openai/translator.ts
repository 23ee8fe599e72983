import { EngineError } from '../engine-error.ts'
import { createProvider } from '../http.ts'
import { at, textOf } from '../json.ts'
import { englishName, USUAL_LANGUAGES } from '../languages.ts'
import { anyPairOf, type Translator } from '../translator.ts'
import { bearer, type OpenAiOptions } from './options.ts'
import { readReply, SYSTEM_PROMPT } from './prompt.ts'

const MAX_ANSWER_BYTES = 1024 * 1024

/** Translation by a language model behind `POST {url}/chat/completions`, as OpenAI, vLLM and Ollama serve it. */
export function createOpenAiTranslator(options: OpenAiOptions & { model: string }): Translator {
  const { name = 'openai', url, key, model } = options
  const provider = createProvider({ engine: name, baseUrl: url, headers: bearer(key) })
  const pairs = anyPairOf(USUAL_LANGUAGES, USUAL_LANGUAGES, name)

  return {
    name,
    version: `${url} ${model}`,
    pairs: () => pairs,
    async translate({ text, source, target, signal }) {
      // What people say stands in a message of its own, as one JSON value: nothing in it can end it.
      const content = JSON.stringify({ from: englishName(source), to: englishName(target), text })
      const answer = await provider.json({
        method: 'POST',
        path: '/chat/completions',
        json: {
          model,
          temperature: 0,
          stream: false,
          messages: [
            { role: 'system', content: SYSTEM_PROMPT },
            { role: 'user', content },
          ],
        },
        maxBytes: MAX_ANSWER_BYTES,
        ...(signal ? { signal } : {}),
      })
      const reply = textOf(at(answer, 'choices', 0, 'message', 'content'))
      const translated =
        reply === undefined || at(answer, 'choices', 0, 'finish_reason') === 'length' ? null : readReply(reply, text)
      if (translated === null) throw new EngineError(name, 'garbage', 'an answer that is no translation')
      return { text: translated, engine: name }
    },
    close: async () => undefined,
  }
}
