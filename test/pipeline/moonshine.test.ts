import t from 'tap'
import { wordErrors } from '../../bench/word-errors.ts'
import { plausible } from '../../pipeline/plausible.ts'
import { embedded, modelsWith } from '../support/embedded.ts'
import { joined, recording, recordings, silence } from '../support/recordings.ts'

// Native code on a loaded machine: as long as under `npm test`, also when this file runs alone.
t.setTimeout(240_000)

// One for all: its processes take a while to load.
const engine = embedded(t)

t.test('English of three voices is written down', async (t) => {
  let errors = 0
  let words = 0
  for (const { name, language } of recordings()) {
    if (language !== 'en') continue
    const { samples, text } = await recording(name)
    const answer = await engine.transcribe({ samples, language })
    t.match(answer, { language: 'en', engine: 'moonshine-tiny' })
    t.equal(answer.text, answer.segments.map((segment) => segment.text).join(' '))
    const found = wordErrors(text, answer.text)
    errors += found.errors
    words += found.words
  }
  // The benchmark says how good it is; this says that it works.
  t.ok(words > 100 && errors / words < 0.1, `${errors} of ${words} words`)
})

t.test('a long recording with pauses is written down part by part, each with its times', async (t) => {
  const [first, second] = [await recording('en-goforward'), await recording('en-only-person')]
  const samples = joined(silence(10), first.samples, silence(8), second.samples, silence(25), first.samples)
  const { segments } = await engine.transcribe({ samples, language: 'en' })
  const begins = [10, 10 + 2.8 + 8, 10 + 2.8 + 8 + 3.2 + 25]
  t.equal(segments.length, 3)
  for (const [i, { start_s, end_s, text }] of segments.entries()) {
    const expected = i === 1 ? second.text : first.text
    t.ok(wordErrors(expected, text).errors <= 1, text)
    t.ok(Math.abs(start_s - (begins[i] ?? 0)) < 1, `${start_s} s`)
    t.ok(end_s > start_s && end_s - start_s < 4.5, `to ${end_s} s`)
  }
})

t.test('speech without a pause is cut, and nothing of it is lost', async (t) => {
  const { samples, text } = await recording('en-austen-1')
  const nonstop = joined(...Array.from({ length: 4 }, () => samples.subarray(4_000, samples.length - 6_000)))
  const { segments, text: written } = await engine.transcribe({ samples: nonstop, language: 'en' })
  t.ok(segments.length > 1)
  t.ok(segments.every(({ start_s, end_s }) => end_s - start_s <= 21))
  const { errors, words } = wordErrors(Array.from({ length: 4 }, () => text).join(' '), written)
  t.ok(errors / words < 0.2, `${errors} of ${words} words`)
})

t.test('nobody speaks: nothing is written, and no language made up', async (t) => {
  const noise = silence(5).map((_, i) => Math.sin(i * i) * 0.05)
  for (const samples of [new Float32Array(0), silence(0.01), silence(40), noise]) {
    t.match(await engine.transcribe({ samples, language: 'en' }), { text: '', segments: [], language: 'en' })
  }
  t.match(await engine.transcribe({ samples: silence(2) }), { text: '', segments: [], language: 'und' })
})

t.test('what is no sound at all does no harm', async (t) => {
  const samples = silence(3).map((_, i) => [Number.NaN, Number.POSITIVE_INFINITY, -1e30, 0][i % 4] ?? 0)
  t.type((await engine.transcribe({ samples, language: 'en' })).text, 'string')
  const { samples: speech } = await recording('en-goforward')
  t.match(await engine.transcribe({ samples: speech, language: 'en' }), { text: /forward/i })
})

t.test('a request that is given up leaves the queue', async (t) => {
  const engine = embedded(t, { processes: 1 })
  const { samples } = await recording('en-goforward')
  const abort = new AbortController()
  const all = Array.from({ length: 5 }, () =>
    engine.transcribe({ samples, language: 'en', signal: abort.signal }).catch((error: Error) => error.message),
  )
  abort.abort(new Error('gone'))
  t.strictSame(await Promise.all(all), Array(5).fill('gone'))
  t.match(await engine.transcribe({ samples, language: 'en' }), { text: /forward/i })
})

t.test('with some of the models some languages are served; with none there is no engine', async (t) => {
  const english = embedded(t, { modelsDir: modelsWith(t, 'moonshine-tiny', 'silero-vad') })
  t.strictSame(english.languages(), ['en'])
  const { samples } = await recording('en-goforward')
  t.match(await english.transcribe({ samples }), { language: 'en', engine: 'moonshine-tiny' })
  await t.rejects(english.transcribe({ samples, language: 'es' }), { name: 'EngineError', fault: 'rejected' })
  t.throws(() => embedded(t, { modelsDir: modelsWith(t) }), { message: /missing/ })
  t.throws(() => embedded(t, { modelsDir: modelsWith(t, 'moonshine-tiny', 'whisper-tiny') }), { message: /missing/ })
})

t.test('what recognisers make up is left out', async (t) => {
  t.equal(plausible(' [Music] (applause) ♪ ', 3), '')
  t.equal(plausible('Thanks for watching!', 2), '')
  t.equal(plausible('Subtítulos realizados por la comunidad de Amara.org', 2), '')
  t.equal(
    plausible('and then we go, and then we go, and then we go, and then we go, and then we go, home', 9),
    'and then we go, home',
  )
  t.equal(plausible('x'.padEnd(400, 'yz '), 1), 'xyz', 'a loop')
  t.equal(plausible('Nobody says all of these many different words within half a second of time.', 0.5), '')
  t.equal(plausible('No, no, no! Thanks (again).', 2), 'No, no, no! Thanks .')
  t.equal(plausible('...', 2), '')
})
