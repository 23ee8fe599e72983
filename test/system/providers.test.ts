import t, { type Test } from 'tap'
import type { Config } from '../../config.ts'
import { createEngines } from '../../pipeline/engines.ts'
import { captureLog, testConfig } from '../helper.ts'
import { send } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { startLibreTranslate } from '../support/providers/libretranslate.ts'
import { startOpenAi } from '../support/providers/openai.ts'
import type { TestSocket } from '../support/socket-client.ts'
import { until } from '../support/states.ts'

const KEY = 'sk-very-secret'
const PAUSE_MS = 400

/** A meeting whose captions a provider translates: a speaker of English, a reader of German. */
async function meet(t: Test, options: { fallback?: string } = {}) {
  const provider = await startOpenAi(t, { key: KEY })
  const { logger, lines } = captureLog()
  const settings: Partial<Config> = {
    ...{ translateEngine: 'openai', translateUrl: provider.base, translateKey: KEY, translateModel: 'a-model' },
    ...(options.fallback ? { translateFallback: 'libretranslate', translateFallbackUrl: options.fallback } : {}),
  }
  const nothing = { transcriber: () => null, translator: () => null, synthesizer: () => null }
  const engines = createEngines(testConfig(settings), logger, nothing)
  await until(() => engines.translators.every((translator) => translator.ready?.() !== false))
  const app = await listen(t, {}, { translator: null, engines, logger, circuit: { failures: 3, pauseMs: PAUSE_MS } })
  const [speaker, reader] = [await app.user('en'), await app.user('de')]
  const code = await app.room(speaker)
  await app.join(code, reader.token)
  const [mouth, eyes] = [await app.enter(code, speaker.token), await app.enter(code, reader.token)]
  let said = 0
  /** What the reader gets of a new sentence; what the speaker gets of it is always its own words. */
  async function say(text: string): Promise<Record<string, unknown>> {
    const id = `caption-${++said}`
    mouth.send({ type: 'say', text, id })
    const own = await captionOf(mouth, id)
    t.match(own, { text, status: 'original' })
    return captionOf(eyes, id)
  }
  const pairs = async () => {
    const { body } = await send<{ translation: { engine: string | null; pairs: unknown[] } }>(
      ...([app.base, 'GET', '/api/v1/pipeline/languages'] as const),
    )
    return body.translation
  }
  return { provider, say, pairs, eyes, lines }
}

const captionOf = (socket: TestSocket, id: string) =>
  socket.next((frame) => frame.type === 'caption' && frame.id === id)

t.test(
  'a provider that goes away in a meeting, comes back, answers garbage or slowly: readers see what is right',
  async (t) => {
    const { provider, say, pairs, eyes, lines } = await meet(t)
    t.match(await say('Hello.'), {
      ...{ text: 'Hello. (English to German)', language: 'de', status: 'translated', engine: 'openai' },
      ...{ source_text: 'Hello.', source_language: 'en', final: true },
    })

    await provider.stop()
    const untranslated = { status: 'untranslated', language: 'en' }
    for (const text of ['Are you there?', 'One.', 'Two.', 'Three.']) t.match(await say(text), { ...untranslated, text })
    t.same(await pairs(), { engine: null, pairs: [] }, 'what works now is told')
    t.match(await say('Hello.'), { status: 'translated', engine: 'openai' }, 'what was translated before still is')

    await provider.start()
    await until(async () => (await pairs()).engine === 'openai')
    t.match(await say('You are back.'), { text: 'You are back. (English to German)', status: 'translated' })

    for (const garbage of [
      { body: '<html>' },
      { body: { choices: [] } },
      'cut',
      { body: 'x'.repeat(2_000_000) },
    ] as const) {
      provider.behave(garbage, 1)
      t.match(await say(`Garbage ${JSON.stringify(garbage).length}`), untranslated)
      t.match(await say(`Sense ${JSON.stringify(garbage).length}`), { status: 'translated' })
    }

    provider.behave({ status: 429, headers: { 'retry-after': '0' } }, 1)
    t.match(await say('You are busy.'), { status: 'translated' }, 'it was asked once more')

    const seqs = eyes.frames.filter(({ type }) => type === 'caption').map(({ seq }) => Number(seq))
    t.same(
      seqs,
      [...seqs].sort((a, b) => a - b),
      'in order, none is lost',
    )
    t.equal(seqs.length, 16)
    t.notOk(eyes.frames.some(({ type }) => type === 'error'))
    for (const shown of [lines.join('\n'), JSON.stringify(eyes.frames)]) t.notMatch(shown, KEY)
    t.notMatch(lines.join('\n'), /You are|Garbage|Are you there/, 'what people say is in no log')
  },
)

t.test('with a fallback the meeting goes on translated, and the engine says so', async (t) => {
  const other = await startLibreTranslate(t)
  const { provider, say, pairs } = await meet(t, { fallback: other.url })
  t.match(await say('Hello.'), { status: 'translated', engine: 'openai' })
  provider.behave('hang')
  for (const text of ['Slow.', 'Slower.', 'Slowest.'])
    t.match(await say(text), { text: `${text} (en to de)`, status: 'translated', engine: 'libretranslate' })
  const before = provider.received.length
  t.match(await say('Left alone.'), { status: 'translated', engine: 'libretranslate' })
  t.equal(provider.received.length, before, 'the circuit is open')
  t.equal((await pairs()).engine, 'libretranslate')
  provider.behave('serve')
  await until(async () => (await pairs()).engine === 'openai')
  t.match(await say('Back.'), { status: 'translated', engine: 'openai' })
})
