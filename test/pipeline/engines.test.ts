import t, { type Test } from 'tap'
import type { Config } from '../../config.ts'
import { createEngines } from '../../pipeline/engines.ts'
import type { Translator } from '../../pipeline/translator.ts'
import { testConfig } from '../helper.ts'
import { silentLogger } from '../support/states.ts'

/** The names of the chosen engines, and how often the embedded translator was started. */
function choose(t: Test, settings: Partial<Config>) {
  let started = 0
  const translator = (): Translator => {
    started++
    const nothing = () => Promise.reject(new Error('not asked for'))
    return { name: 'local', pairs: () => [], translate: nothing, close: async () => undefined }
  }
  const engines = createEngines(testConfig({ translateEngine: 'none', ...settings }), silentLogger, {
    ...{ transcriber: () => null, translator, synthesizer: () => null },
  })
  t.teardown(() => Promise.all(engines.translators.map((engine) => engine.close())))
  const names = (some: readonly { name: string }[]) => some.map(({ name }) => name)
  return {
    transcribers: names(engines.transcribers),
    translators: names(engines.translators),
    synthesizers: names(engines.synthesizers),
    started,
  }
}

// Nobody listens there: the engines are not asked for anything.
const URL_OF_NOBODY = 'http://127.0.0.1:9'

t.test('each stage has the engine and the fallback that the settings choose', async (t) => {
  t.same(
    choose(t, {
      ...{ sttEngine: 'deepgram', sttKey: 'a', sttFallback: 'openai', sttFallbackUrl: URL_OF_NOBODY },
      ...{ translateEngine: 'libretranslate', translateUrl: URL_OF_NOBODY, translateFallback: 'embedded' },
      ...{ ttsEngine: 'openai', ttsUrl: URL_OF_NOBODY },
    }),
    {
      ...{ transcribers: ['deepgram', 'openai'], translators: ['libretranslate', 'local'], synthesizers: ['openai'] },
      started: 1,
    },
  )
  const settings = {
    translateUrl: URL_OF_NOBODY,
    translateKey: 'a',
    translateModel: 'm',
    translateEngine: 'deepl',
  } as const
  t.same(choose(t, { ...settings, translateFallback: 'none' }).translators, ['deepl'])
})

t.test(
  'two of a kind are told apart; what is embedded runs once, and is left out where it is not installed',
  async (t) => {
    const twice: Partial<Config> = {
      ...{ translateEngine: 'openai', translateUrl: URL_OF_NOBODY, translateModel: 'a' },
      ...{ translateFallback: 'openai', translateFallbackUrl: URL_OF_NOBODY, translateFallbackModel: 'b' },
    }
    t.same(choose(t, twice).translators, ['openai', 'openai-fallback'])
    t.match(choose(t, { translateEngine: 'embedded', translateFallback: 'embedded' }), {
      translators: ['local'],
      started: 1,
    })
    t.match(choose(t, { sttEngine: 'embedded', ttsEngine: 'embedded' }), { transcribers: [], synthesizers: [] })
  },
)

t.test('nothing is started that is not chosen', async (t) => {
  t.same(choose(t, {}), { transcribers: [], translators: [], synthesizers: [], started: 0 })
})
