import t, { type Test } from 'tap'
import { createApertium } from '../../pipeline/apertium/apertium.ts'
import type { Translator, TranslatorRequest } from '../../pipeline/translator.ts'
import { baseLanguage, createTranslation, type TranslationDeps } from '../../services/translation.ts'

type Behaviour = (request: TranslatorRequest) => Promise<string>

/** An engine that does what the test says and remembers what it was asked. */
function open(t: Test, behaviour: Behaviour, options: Partial<TranslationDeps> = {}) {
  const asked: TranslatorRequest[] = []
  const warnings: object[] = []
  const translator: Translator = {
    name: 'test',
    pairs: () => [
      { source: 'en', target: 'es', engine: 'test' },
      { source: 'en', target: 'pt', engine: 'test:en-es-pt' },
    ],
    async translate(request) {
      asked.push(request)
      const pair = this.pairs().find(({ target }) => target === request.target)
      return { text: await behaviour(request), engine: pair?.engine ?? '' }
    },
    close: async () => undefined,
  }
  const translation = createTranslation({
    translators: [translator],
    log: { warn: (details) => warnings.push(details) },
    ...options,
  })
  t.teardown(() => translation.close())
  return { translation, asked, warnings }
}

const shout: Behaviour = async ({ text, target }) => `${text.toUpperCase()} ${target}`
const never: Behaviour = ({ signal }) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))

t.test('only the language of a tag counts', async (t) => {
  const { translation, asked } = open(t, shout)
  t.strictSame(await translation.translate({ text: 'a', source: 'en-GB', target: 'pt-BR' }), {
    text: 'A pt',
    engine: 'test:en-es-pt',
  })
  await translation.translate({ text: 'a', source: 'eng', target: 'pt-PT' })
  t.equal(asked.length, 1)
  t.equal(baseLanguage('es-MX'), 'es')
  t.equal(baseLanguage('not a tag'), 'not a tag')
})

t.test('an unsupported pair is UNPROCESSABLE and reaches no engine', async (t) => {
  const { translation, asked } = open(t, shout)
  for (const [source, target] of [
    ['es', 'en'],
    ['en', 'ja'],
    ['en', 'en'],
    ['xx', 'yy'],
  ] as const) {
    await t.rejects(translation.translate({ text: 'a', source, target }), { code: 'UNPROCESSABLE' })
  }
  t.equal(asked.length, 0)
})

t.test('a text is translated once: at the same time, and again later', async (t) => {
  const { translation, asked } = open(t, shout)
  const request = { text: 'a', source: 'en', target: 'es' }
  await Promise.all(Array.from({ length: 20 }, () => translation.translate(request)))
  await translation.translate(request)
  t.equal(asked.length, 1)
  await translation.translate({ ...request, target: 'pt' })
  await translation.translate({ ...request, text: 'A' })
  t.equal(asked.length, 3)
})

t.test('the cache is bounded', async (t) => {
  const { translation, asked } = open(t, shout, { cacheEntries: 2 })
  for (const text of ['a', 'b', 'c', 'a']) await translation.translate({ text, source: 'en', target: 'es' })
  t.equal(asked.length, 4)
})

t.test('a failure is PROVIDER_UNAVAILABLE, is not remembered, and its log has no text', async (t) => {
  let failing = true
  const { translation, asked, warnings } = open(t, async (request) => {
    if (failing) throw new Error('broken')
    return shout(request)
  })
  const request = { text: 'very private', source: 'en', target: 'es' }
  await t.rejects(translation.translate(request), { code: 'PROVIDER_UNAVAILABLE' })
  t.equal(warnings.length, 1)
  t.notMatch(JSON.stringify(warnings), /very private/)
  failing = false
  t.equal((await translation.translate(request)).text, 'VERY PRIVATE es')
  t.equal(asked.length, 2)
})

t.test('an empty answer is a failure', async (t) => {
  const { translation } = open(t, async () => ' ')
  await t.rejects(translation.translate({ text: 'a', source: 'en', target: 'es' }), { code: 'PROVIDER_UNAVAILABLE' })
})

t.test('an engine that is too slow is stopped', async (t) => {
  const { translation, asked } = open(t, never, { timeoutMs: 20 })
  await t.rejects(translation.translate({ text: 'a', source: 'en', target: 'es' }), { code: 'PROVIDER_UNAVAILABLE' })
  t.ok(asked[0]?.signal?.aborted)
})

t.test('beyond the queue requests are refused at once; those in it are served', async (t) => {
  const release: (() => void)[] = []
  const { translation, asked } = open(
    t,
    (request) => new Promise((resolve) => release.push(() => resolve(request.text))),
    {
      concurrency: 1,
      maxWaiting: 2,
    },
  )
  const ask = (text: string) => translation.translate({ text, source: 'en', target: 'es' })
  const served = [ask('a'), ask('b'), ask('c')]
  await t.rejects(ask('d'), { code: 'PROVIDER_UNAVAILABLE' })
  for (const expected of ['a', 'b', 'c']) {
    while (release.length === 0) await new Promise((resolve) => setImmediate(resolve))
    release.shift()?.()
    t.equal((await served.shift())?.text, expected)
  }
  t.equal(asked.length, 3)
})

t.test('work stops when the last of those who asked is gone, not before', async (t) => {
  const { translation, asked } = open(t, never)
  const request = { text: 'a', source: 'en', target: 'es' }
  const [one, two] = [new AbortController(), new AbortController()]
  const first = t.rejects(translation.translate({ ...request, signal: one.signal }), { code: 'PROVIDER_UNAVAILABLE' })
  const second = t.rejects(translation.translate({ ...request, signal: two.signal }), { code: 'PROVIDER_UNAVAILABLE' })
  one.abort()
  await first
  t.notOk(asked[0]?.signal?.aborted)
  two.abort()
  await second
  t.ok(asked[0]?.signal?.aborted)
  t.equal(asked.length, 1)
})

t.test('one who leaves the queue gives the place back', async (t) => {
  const { translation } = open(t, async (request) => (request.text === 'a' ? never(request) : shout(request)), {
    concurrency: 1,
    maxWaiting: 1,
  })
  const gone = new AbortController()
  const leaving = (text: string) =>
    t.rejects(translation.translate({ text, source: 'en', target: 'es', signal: gone.signal }))
  const both = [leaving('a'), leaving('b')]
  gone.abort()
  await Promise.all(both)
  t.equal((await translation.translate({ text: 'c', source: 'en', target: 'es' })).text, 'C es')
})

t.test('a caption is made for each target once', async (t) => {
  const { translation, asked } = open(t, async (request) => {
    if (request.target === 'pt') throw new Error('broken')
    return shout(request)
  })
  const texts = await translation.caption({
    text: 'a',
    source: 'en',
    targets: ['es', 'es-MX', 'es', 'en-GB', 'pt', 'ja'],
  })
  t.strictSame(texts, {
    es: { text: 'A es', status: 'translated', engine: 'test' },
    'es-MX': { text: 'A es', status: 'translated', engine: 'test' },
    'en-GB': { text: 'a', status: 'original' },
    pt: { text: 'a', status: 'untranslated' },
    ja: { text: 'a', status: 'untranslated' },
  })
  t.strictSame(
    asked.map(({ target }) => target),
    ['es', 'pt'],
  )
})

t.test('a caption whose time is up or whose engine is closed is untranslated', async (t) => {
  const { translation } = open(t, never)
  const caption = translation.caption({ text: 'a', source: 'en', targets: ['es'] })
  await translation.close()
  t.strictSame(await caption, { es: { text: 'a', status: 'untranslated' } })
  const signal = AbortSignal.abort()
  t.match(await translation.caption({ text: 'b', source: 'en', targets: ['es'], signal }), {
    es: { status: 'untranslated' },
  })
})

t.test('without an engine every pair is unsupported and the languages say so', async (t) => {
  const { translation } = open(t, shout, { translators: [] })
  await t.rejects(translation.translate({ text: 'a', source: 'en', target: 'es' }), { code: 'UNPROCESSABLE' })
  t.strictSame(await translation.caption({ text: 'a', source: 'en', targets: ['es', 'en'] }), {
    es: { text: 'a', status: 'untranslated' },
    en: { text: 'a', status: 'original' },
  })
  t.strictSame(translation.languages(), {
    transcription: { engine: null, languages: [] },
    translation: { engine: null, pairs: [] },
    speech: { engine: null, languages: [] },
  })
})

t.test('with the embedded engine a caption is translated and the pairs are listed', async (t) => {
  const translator = createApertium({ log: console })
  const translation = createTranslation({ translators: translator ? [translator] : [], log: console })
  t.teardown(() => translation.close())
  t.strictSame(await translation.caption({ text: 'The house is red.', source: 'en-US', targets: ['es-MX', 'de'] }), {
    'es-MX': { text: 'La casa es roja.', status: 'translated', engine: 'apertium' },
    de: { text: 'The house is red.', status: 'untranslated' },
  })
  const { engine, pairs } = translation.languages().translation
  t.equal(engine, 'apertium')
  t.match(
    pairs.find(({ source, target }) => source === 'en' && target === 'fr'),
    { engine: 'apertium:en-es-fr' },
  )
})
