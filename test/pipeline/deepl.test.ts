import { inspect } from 'node:util'
import t from 'tap'
import { createDeepL, hostOf } from '../../pipeline/deepl/translator.ts'
import { startDeepL } from '../support/providers/deepl.ts'
import { faultOf } from '../support/providers/fault.ts'
import { until } from '../support/states.ts'

const KEY = 'very-secret:fx'
const log = { warn: () => undefined }

async function open(t: { teardown(end: () => Promise<void>): void }) {
  const standIn = await startDeepL(t, { key: KEY })
  const translator = createDeepL({ url: standIn.url, key: KEY, log, retryMs: 20 })
  t.teardown(() => translator.close())
  await until(() => translator.ready?.() === true)
  const translate = async (source: string, target: string) =>
    (await translator.translate({ text: 'Hello', source, target })).text
  return { standIn, translator, translate }
}

t.test('keys of the free plan go to the free host', async (t) => {
  t.equal(hostOf('abc:fx'), 'https://api-free.deepl.com')
  t.equal(hostOf('abc'), 'https://api.deepl.com')
})

t.test("our languages become the provider's, with one region for each", async (t) => {
  const { translate, translator, standIn } = await open(t)
  t.equal(await translate('en', 'pt'), 'Hello (EN to PT-BR)')
  t.equal(await translate('pt', 'en'), 'Hello (PT to EN-US)')
  t.equal(await translate('de', 'es'), 'Hello (DE to ES)')
  t.equal(await translate('no', 'zh'), 'Hello (NB to ZH-HANS)')
  t.equal(await translate('zh', 'no'), 'Hello (ZH to NB)')
  t.equal(translator.pairs().length, 6 * 5)
  const { headers, body, query } = standIn.received.at(-1) ?? {}
  t.equal(headers?.authorization, `DeepL-Auth-Key ${KEY}`)
  t.notMatch(`${body} ${query}`, KEY)
})

t.test('a language that it does not serve is refused without a call', async (t) => {
  const { translate, standIn } = await open(t)
  const before = standIn.received.length
  t.equal(await faultOf(translate('en', 'ja')), 'rejected')
  t.equal(await faultOf(translate('ja', 'en')), 'rejected')
  t.equal(standIn.received.length, before)
})

t.test('a used up quota, a wrong key and garbage are told apart, without the key', async (t) => {
  const { translate, standIn } = await open(t)
  const moods = [
    [{ status: 456, body: { message: `Quota of ${KEY} exceeded` } }, 'refused'],
    [{ status: 403, body: { message: KEY } }, 'refused'],
    [{ status: 429 }, 'busy'],
    [{ body: { translations: [] } }, 'garbage'],
    [{ body: { translations: [{ text: 7 }] } }, 'garbage'],
  ] as const
  for (const [mood, fault] of moods) {
    standIn.behave(mood)
    const error = await translate('en', 'es').catch((error: unknown) => error)
    t.match(error, { fault })
    t.notMatch(inspect(error), KEY)
  }
})

t.test('a text that is too long for the provider is refused by it', async (t) => {
  const { translator } = await open(t)
  const text = 'x'.repeat(200_000)
  t.equal(await faultOf(translator.translate({ text, source: 'en', target: 'es' })), 'rejected')
})
