import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import { createApertium } from '../../pipeline/apertium/apertium.ts'
import type { Translator, TranslatorRequest } from '../../pipeline/translator.ts'
import { baseLanguage, createTranslation, type TranslationDeps } from '../../services/translation.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { SharedCache } from '../../state/shared-cache.ts'
import { recordedMetrics } from '../support/engines.ts'
import { startRedis } from '../support/redis.ts'
import { FAILURES, openRedisState, twins, until } from '../support/states.ts'

const pair = (source: string, target: string, engine: string) => ({ source, target, engine })
const FIRST = [pair('en', 'es', 'first')]
const SECOND = [pair('en', 'es', 'second'), pair('en', 'de', 'second'), pair('de', 'en', 'second')]

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

t.test(
  'when the primary fails the fallback serves and is named, also for what the primary does not know',
  async (t) => {
    const { primary, translation, fallbackAsked } = openTwo(t)
    primary.broken = true
    t.same(await translation.translate({ text: 'a', source: 'en', target: 'es' }), { text: 'A es', engine: 'second' })
    t.same(await translation.translate({ text: 'a', source: 'de', target: 'en' }), { text: 'A en', engine: 'second' })
    t.same(fallbackAsked(), ['en-es', 'de-en'])
    primary.broken = false
    t.match(await translation.caption({ text: 'b', source: 'en', targets: ['es', 'de'] }), {
      es: { text: 'b by the first', status: 'translated', engine: 'first' },
      de: { text: 'B de', status: 'translated', engine: 'second' },
    })
  },
)

t.test(
  'what the fallback translated is remembered while the primary is away, and asked anew when it is back',
  async (t) => {
    const { primary, translation, fallbackAsked } = openTwo(t)
    const request = { text: 'a', source: 'en', target: 'es' }
    primary.broken = true
    for (let i = 0; i < 4; i++) t.equal((await translation.translate(request)).engine, 'second')
    t.same(fallbackAsked(), ['en-es'])
    t.ok(primary.asked <= 3, 'the circuit is open')
    t.match(translation.languages().translation, { engine: 'second', pairs: { length: 3 } }, 'what works now')
    primary.broken = false
    await until(() => translation.languages().translation.engine === 'first')
    t.equal((await translation.translate(request)).engine, 'first')
  },
)

t.test(
  'languages say what works now: the fallback adds to the primary, and nothing is there when both fail',
  async (t) => {
    const { primary, translation, breakFallback } = openTwo(t)
    const pairs = () =>
      translation.languages().translation.pairs.map(({ source, target, engine }) => `${source}-${target} ${engine}`)
    t.same(pairs(), ['en-es first', 'en-de second', 'de-en second'])
    primary.broken = true
    breakFallback()
    for (let i = 0; i < 3; i++) await t.rejects(translation.translate({ text: `${i}`, source: 'en', target: 'es' }))
    t.same(translation.languages().translation, { engine: null, pairs: [] })
    t.match(await translation.caption({ text: 'a', source: 'en', targets: ['es'] }), { es: { status: 'untranslated' } })
    await t.rejects(translation.translate({ text: 'a', source: 'en', target: 'es' }), { code: 'PROVIDER_UNAVAILABLE' })
  },
)

t.test('a provider that has not said yet what it serves is unavailable, not without the pair', async (t) => {
  const translator: Translator = {
    ...{ name: 'late', pairs: () => [], ready: () => false, close: async () => undefined },
    translate: () => Promise.reject(new Error('too early')),
  }
  const translation = createTranslation({ translators: [translator], log: { warn: () => undefined } })
  const ask = translation.translate({ text: 'a', source: 'en', target: 'es' })
  await t.rejects(ask, { code: 'PROVIDER_UNAVAILABLE' })
  t.same(translation.languages().translation, { engine: null, pairs: [] })
})

t.test(
  'a translation far longer than the text is refused, and characters that nobody says are taken out',
  async (t) => {
    const long = open(t, async ({ text }) => text.repeat(5000))
    await t.rejects(long.translation.translate({ text: 'a', source: 'en', target: 'es' }), {
      code: 'PROVIDER_UNAVAILABLE',
    })
    const { translation } = open(t, async () => 'one\u0000\u202e\r\ntwo\ud800')
    t.equal((await translation.translate({ text: 'a', source: 'en', target: 'es' })).text, 'one\ntwo\ufffd')
  },
)

for (const twin of twins(t)) {
  t.test(`translations are shared between processes: ${twin.name}`, async (t) => {
    const { sharedCache: cache } = await twin.open(t)
    const shared = { cache, secret: 'a secret' }
    const metrics = recordedMetrics()
    const request = { text: `very private ${randomUUID()}`, source: 'en', target: 'es' }
    const one = open(t, shout, { shared })
    const other = open(t, shout, { shared, metrics })
    const stranger = open(t, shout, { shared: { cache, secret: 'another secret' } })
    const answer = await one.translation.translate(request)
    // Behind the answer.
    await until(async () => {
      const late = open(t, shout, { shared })
      await late.translation.translate(request)
      return late.asked.length === 0
    })
    t.same(await other.translation.translate(request), answer)
    t.same(await other.translation.translate(request), answer)
    t.equal(other.asked.length, 0)
    t.same(metrics.lines, ['cache shared', 'cache process'])
    await stranger.translation.translate(request)
    t.equal(stranger.asked.length, 1, 'who lacks the secret finds nothing')
  })
}

t.test('the shared cache holds neither what was said nor its translation', async (t) => {
  const kept: [string, Buffer][] = []
  const cache: SharedCache = {
    get: async () => kept.at(-1)?.[1] ?? null,
    set: async (key, value) => void kept.push([key, value]),
  }
  const { translation } = open(t, shout, { shared: { cache, secret: 'a secret' } })
  await translation.translate({ text: 'very private', source: 'en', target: 'es' })
  // Behind the answer.
  await until(() => kept.length > 0)
  const [[key, value] = ['', Buffer.alloc(0)]] = kept
  t.match(key, /^[\w-]{43}$/)
  t.notMatch(value.toString('latin1'), /private/i)
  // A value that was swapped or changed in the store is not believed.
  const other = open(t, shout, { shared: { cache, secret: 'a secret' } })
  t.equal((await other.translation.translate({ text: 'else', source: 'en', target: 'es' })).text, 'ELSE es')
  value[20] = (value[20] ?? 0) ^ 1
  kept.push([key, value])
  t.equal(
    (await other.translation.translate({ text: 'very private', source: 'en', target: 'es' })).text,
    'VERY PRIVATE es',
  )
  t.equal(other.asked.length, 2)
})

t.test('a text that is about to be replaced stays out of the shared cache', async (t) => {
  const calls: string[] = []
  const cache: SharedCache = {
    async get() {
      calls.push('get')
      return null
    },
    set: async () => void calls.push('set'),
  }
  const { translation } = open(t, shout, { shared: { cache, secret: 'a secret' } })
  const caption = (text: string, passing: boolean) =>
    translation.caption({ text, source: 'en', targets: ['es'], passing })
  t.match(await caption('good', true), { es: { text: 'GOOD es' } })
  t.strictSame(calls, [])
  await caption('good day', false)
  await until(() => calls.length > 1)
  t.strictSame(calls, ['get', 'set'])
})

t.test('the shared cache is asked once and told once for a caption in several languages', async (t) => {
  const calls: string[] = []
  const { sharedCache } = createMemoryState({ failures: FAILURES })
  const counted =
    <A extends unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A): R => {
      calls.push(name)
      return call(...args)
    }
  const cache = { get: counted('get', sharedCache.get), set: counted('set', sharedCache.set) }
  const say = async (text: string, targets: string[]) => {
    const { translation, asked } = open(t, shout, { shared: { cache, secret: 'a secret' } })
    await translation.caption({ text, source: 'en', targets })
    return asked.map(({ target }) => target)
  }
  t.strictSame(await say('good', ['es', 'pt']), ['es', 'pt'])
  await until(() => calls.length > 1)
  t.strictSame(calls.splice(0), ['get', 'set'])
  t.strictSame(await say('good', ['es', 'pt']), [])
  t.strictSame(calls.splice(0), ['get'])

  await say('day', ['es'])
  await until(() => calls.length > 1)
  t.strictSame(await say('day', ['es', 'pt']), ['pt'], 'only what the first did not make')
  await until(() => calls.length > 3)
  t.strictSame(await say('day', ['es', 'pt']), [], 'what both made is there')
})

t.test('a caption that was expected is looked up ahead and not again, one that is known not at all', async (t) => {
  let gets = 0
  const { sharedCache } = createMemoryState({ failures: FAILURES })
  const get = (key: string) => {
    gets++
    return sharedCache.get(key)
  }
  const { translation, asked } = open(t, shout, { shared: { cache: { ...sharedCache, get }, secret: 'a secret' } })
  const request = { text: 'good', source: 'en-GB', targets: ['en', 'es', 'pt-BR'] }
  translation.expect(request)
  t.equal(gets, 1)
  await new Promise((resolve) => setImmediate(resolve))
  await translation.caption(request)
  t.equal(asked.length, 2)
  translation.expect(request)
  translation.expect({ ...request, targets: ['en', 'xx'] })
  t.equal(gets, 1)
})

/** A cache that counts what it is told. */
function countingCache() {
  const { sharedCache } = createMemoryState({ failures: FAILURES })
  const counting = { told: 0 }
  const set: SharedCache['set'] = async (...args) => {
    await sharedCache.set(...args)
    counting.told++
  }
  return { cache: { ...sharedCache, set }, counting }
}

t.test('of a text in very many words the newest translations are shared, as many as fit', async (t) => {
  const { cache, counting } = countingCache()
  const say = async (target: string) => {
    const { translation, asked } = open(t, shout, { shared: { cache, secret: 'a secret' } })
    const { told } = counting
    await translation.caption({ text: 'a'.repeat(20_000), source: 'en', targets: [target] })
    if (asked.length > 0) await until(() => counting.told > told)
    return asked.length
  }
  t.equal(await say('es'), 1)
  t.equal(await say('es'), 0)
  t.equal(await say('pt'), 1)
  t.equal(await say('pt'), 0, 'it took the place of the other')
  t.equal(await say('es'), 1)
})

t.test('what was just translated is told before the stage is closed', async (t) => {
  const { cache, counting } = countingCache()
  const { translation } = open(t, shout, { shared: { cache, secret: 'a secret' } })
  await translation.caption({ text: 'good', source: 'en', targets: ['es'] })
  t.equal(counting.told, 0)
  await translation.close()
  t.equal(counting.told, 1)
})

t.test('what others told of a text stays when this process has forgotten it meanwhile', async (t) => {
  const { cache, counting } = countingCache()
  const shared = { cache, secret: 'a secret' }
  const text = 'good'
  await open(t, shout, { shared }).translation.translate({ text, source: 'en', target: 'pt' })
  await until(() => counting.told === 1)
  const held = Promise.withResolvers<void>()
  const wait: Behaviour = async (request) => {
    if (request.text === text) await held.promise
    return shout(request)
  }
  const slow = open(t, wait, { shared })
  const saying = slow.translation.translate({ text, source: 'en', target: 'es' })
  for (let i = 0; i < 300; i++) await slow.translation.translate({ text: `${i}`, source: 'en', target: 'es' })
  held.resolve()
  await saying
  await until(() => counting.told === 302)
  const { translation, asked } = open(t, shout, { shared })
  await translation.caption({ text, source: 'en', targets: ['es', 'pt'] })
  t.equal(asked.length, 0)
})

t.test('with Redis gone translations are made all the same', async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url)
  const { translation } = open(t, shout, { shared: { cache: state.sharedCache, secret: 'a secret' } })
  await redis.kill()
  t.equal((await translation.translate({ text: 'a', source: 'en', target: 'es' })).text, 'A es')
  await until(() => state.status() === 'down')
  t.equal((await translation.translate({ text: 'b', source: 'en', target: 'es' })).text, 'B es')
})

/** A stage with two engines, of which the first can be broken. */
function openTwo(t: Test) {
  const asked: string[] = []
  const primary = { broken: false, asked: 0 }
  let isBroken = false
  const first: Translator = {
    ...{ name: 'first', pairs: () => FIRST, close: async () => undefined },
    async translate({ text }) {
      primary.asked++
      if (primary.broken) throw new Error('broken')
      return { text: `${text} by the first`, engine: 'first' }
    },
  }
  const second: Translator = {
    ...{ name: 'second', pairs: () => SECOND, close: async () => undefined },
    async translate({ text, source, target }) {
      asked.push(`${source}-${target}`)
      if (isBroken) throw new Error('broken')
      return { text: `${text.toUpperCase()} ${target}`, engine: 'second' }
    },
  }
  const circuit = { failures: 3, pauseMs: 200 }
  const translation = createTranslation({ translators: [first, second], log: { warn: () => undefined }, circuit })
  t.teardown(() => translation.close())
  const breakFallback = (): void => {
    isBroken = true
  }
  return { primary, translation, fallbackAsked: () => asked, breakFallback }
}
