import { inspect } from 'node:util'
import t from 'tap'
import { createLibreTranslate } from '../../pipeline/libretranslate/translator.ts'
import { faultOf } from '../support/providers/fault.ts'
import { startLibreTranslate } from '../support/providers/libretranslate.ts'
import { until } from '../support/states.ts'

const KEY = 'very-secret'
const log = { warn: () => undefined }

async function open(t: { teardown(end: () => Promise<void>): void }, key = KEY) {
  const standIn = await startLibreTranslate(t, { key })
  const translator = createLibreTranslate({ url: standIn.url, key: KEY, log, refreshMs: 50, retryMs: 20 })
  t.teardown(() => translator.close())
  return { standIn, translator }
}

const names = (pairs: readonly { source: string; target: string }[]) =>
  pairs.map(({ source, target }) => `${source}-${target}`).sort()

t.test("it serves the directions that the server lists, with the server's own codes", async (t) => {
  const { standIn, translator } = await open(t)
  t.notOk(translator.ready?.())
  t.same(translator.pairs(), [])
  await until(() => translator.ready?.() === true)
  t.same(names(translator.pairs()), ['de-en', 'en-de', 'en-es', 'en-pt', 'en-zh', 'es-en', 'pt-en', 'zh-en'])
  const translated = await translator.translate({ text: 'Hello <b>', source: 'en', target: 'pt' })
  t.same(translated, { text: 'Hello <b> (en to pt-BR)', engine: 'libretranslate' })
  t.equal((await translator.translate({ text: 'a', source: 'zh', target: 'en' })).text, 'a (zh-Hans to en)')
  for (const { path, query } of standIn.received) t.notMatch(`${path}?${query}`, KEY)
})

t.test('a direction that it does not serve is refused without a call', async (t) => {
  const { standIn, translator } = await open(t)
  await until(() => translator.ready?.() === true)
  t.equal(await faultOf(translator.translate({ text: 'a', source: 'de', target: 'es' })), 'rejected')
  t.notOk(standIn.received.some(({ path }) => path === '/translate'))
})

t.test('a server that is away at the start is asked again, and what it listed stays while it is away', async (t) => {
  const { standIn, translator } = await open(t)
  await standIn.stop()
  const late = createLibreTranslate({ url: standIn.url, key: KEY, log, retryMs: 10 })
  t.teardown(() => late.close())
  t.equal(await faultOf(late.translate({ text: 'a', source: 'en', target: 'es' })), 'rejected')
  await standIn.start()
  await until(() => late.ready?.() === true && translator.ready?.() === true)
  await standIn.stop()
  t.equal(await faultOf(late.translate({ text: 'a', source: 'en', target: 'es' })), 'unreachable')
  t.ok(names(late.pairs()).includes('en-es'))
})

t.test('a list that is garbage is none', async (t) => {
  const { standIn, translator } = await open(t)
  for (const body of [[], {}, [{ code: 7 }], [{ code: 'en', targets: ['en', null, {}] }], 'x']) {
    const before = standIn.received.length
    standIn.behave({ body: JSON.stringify(body) })
    const other = createLibreTranslate({ url: standIn.url, key: KEY, log, retryMs: 10 })
    t.teardown(() => other.close())
    await until(() => standIn.received.length > before + 2)
    t.notOk(other.ready?.())
  }
  t.ok(translator)
})

t.test('a wrong key is refused, an answer without a translation garbage; neither shows the key', async (t) => {
  const { standIn, translator } = await open(t, 'another')
  await until(() => translator.ready?.() === true)
  const ask = () => translator.translate({ text: 'a', source: 'en', target: 'es' }).catch((error: unknown) => error)
  const refused = await ask()
  t.match(refused, { fault: 'refused', message: /403/ })
  t.notMatch(inspect(refused), KEY)
  standIn.behave({ body: { translatedText: ['a'] } })
  t.match(await ask(), { fault: 'garbage' })
})
