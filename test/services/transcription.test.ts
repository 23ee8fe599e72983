import t, { type Test } from 'tap'
import { createDeepgram } from '../../pipeline/deepgram/transcriber.ts'
import { createOpenAiTranscriber } from '../../pipeline/openai/transcriber.ts'
import type { Transcriber } from '../../pipeline/transcriber.ts'
import { createTranscription, type TranscriptionDeps } from '../../services/transcription.ts'
import { recordedMetrics } from '../support/engines.ts'
import { startDeepgram } from '../support/providers/deepgram.ts'
import { startOpenAi } from '../support/providers/openai.ts'
import { until } from '../support/states.ts'

const KEY = 'very-secret'
const SECOND = new Float32Array(16_000).fill(0.1)
const circuit = { failures: 2, pauseMs: 100 }

/** Deepgram with an OpenAI-compatible server behind it, as an operator may have them. */
async function open(t: Test, options: Partial<TranscriptionDeps> = {}) {
  const [deepgram, openai] = [await startDeepgram(t, { key: KEY }), await startOpenAi(t)]
  const transcribers = [
    createDeepgram({ url: deepgram.base, key: KEY, model: null }),
    createOpenAiTranscriber({ url: openai.base, key: null, model: null }),
  ]
  const metrics = recordedMetrics()
  const log = { warn: () => undefined }
  const transcription = createTranscription({ transcribers, log, metrics, circuit, ...options })
  t.teardown(() => transcription.close())
  const transcribe = () => transcription.transcribe({ samples: SECOND, language: 'en-GB', room: 'room' })
  const told: string[] = []
  const stream = () =>
    transcription.stream({
      language: 'en-GB',
      onInterim: (text) => told.push(`interim ${text}`),
      onFinal: (text) => told.push(`final ${text}`),
      onError: () => told.push('error'),
    })
  return { deepgram, openai, transcription, transcribe, stream, told, metrics }
}

t.test('the primary serves, and the fallback while it is away, slow or answers garbage', async (t) => {
  const { deepgram, transcription, transcribe } = await open(t, { timeoutMs: 500, timeoutMsPerSecond: 0 })
  t.match(await transcribe(), { text: 'see you on friday', language: 'en', engine: 'deepgram' })
  for (const mood of [{ body: '<html>' }, 'hang'] as const) {
    deepgram.behave(mood)
    t.match(await transcribe(), { text: 'See you on Friday.', engine: 'openai' })
  }
  t.equal(transcription.languages().engine, 'openai', 'the circuit is open')
  const before = deepgram.received.length
  t.equal((await transcribe()).engine, 'openai')
  t.equal(deepgram.received.length, before)
  deepgram.behave('serve')
  await until(() => transcription.languages().engine === 'deepgram')
  t.equal((await transcribe()).engine, 'deepgram')
})

t.test('a language that nobody serves is UNPROCESSABLE; when all are away it is PROVIDER_UNAVAILABLE', async (t) => {
  const { deepgram, openai, transcription, transcribe } = await open(t, { circuit: { failures: 2, pauseMs: 60_000 } })
  const strange = transcription.transcribe({ samples: SECOND, language: 'tlh' })
  await t.rejects(strange, { code: 'UNPROCESSABLE' })
  const nothing = createTranscription({ transcribers: [], log: { warn: () => undefined } })
  await t.rejects(nothing.transcribe({ samples: SECOND }), { code: 'UNPROCESSABLE' })
  t.same(nothing.languages(), { engine: null, languages: [] })
  t.equal(nothing.stream({ language: 'en', onInterim() {}, onFinal() {}, onError() {} }), null)
  await Promise.all([deepgram.stop(), openai.stop()])
  for (let i = 0; i < 2; i++) await t.rejects(transcribe(), { code: 'PROVIDER_UNAVAILABLE' })
  t.same(transcription.languages(), { engine: null, languages: [] })
})

t.test('more words than a recording can hold are garbage; what is shown is one clean line', async (t) => {
  const { openai, deepgram, transcribe } = await open(t)
  deepgram.behave({ status: 500 })
  openai.transcript.text = 'so on '.repeat(500)
  await t.rejects(transcribe(), { code: 'PROVIDER_UNAVAILABLE', cause: { fault: 'garbage' } })
  openai.transcript.text = ' one\n\ttwo\u202e\u0000 '
  t.match(await transcribe(), { text: 'one two', segments: [{ text: 'one two' }] })
})

t.test('speech is taken as it comes by an engine that can', async (t) => {
  const { stream, told, metrics } = await open(t)
  const speech = stream()
  for (let i = 0; i < 2; i++) speech?.push(SECOND)
  await until(() => told.includes('final see you on friday') || told.some((line) => line.startsWith('final')))
  await speech?.finish()
  t.match(told.at(-1), /^final .*friday$/)
  t.same(metrics.lines, [])
})

t.test('a stream that breaks is told, and after several the speech is recognised piece by piece', async (t) => {
  const { deepgram, stream, told, transcription, transcribe, metrics } = await open(t)
  deepgram.behave({ status: 503 })
  for (let i = 1; i <= circuit.failures; i++) {
    t.ok(stream())
    await until(() => told.filter((line) => line === 'error').length === i)
  }
  t.equal(stream(), null)
  t.equal((await transcribe()).engine, 'openai')
  t.equal(metrics.lines.filter((line) => line === 'failed transcription deepgram failed').length, 2)
  deepgram.behave('serve')
  await until(() => transcription.languages().engine === 'deepgram')
  t.equal(stream(), null, 'a trial is made with a piece')
  t.equal((await transcribe()).engine, 'deepgram')
  t.ok(stream())
})

t.test('streams are bounded, and give their place back however they end', async (t) => {
  const { deepgram, stream } = await open(t, { maxStreams: 2 })
  const [one, other] = [stream(), stream()]
  t.ok(one && other)
  t.equal(stream(), null)
  one?.abort()
  one?.abort()
  const third = stream()
  t.ok(third)
  t.equal(stream(), null)
  await other?.finish()
  t.ok(stream())
  await until(() => deepgram.live !== null)
})

t.test('a stream that cannot be finished says so', async (t) => {
  const { deepgram, stream } = await open(t)
  const speech = stream()
  await until(() => deepgram.live?.ws.readyState === 1)
  const finishing = t.rejects(speech?.finish() ?? Promise.resolve(), { code: 'PROVIDER_UNAVAILABLE' })
  deepgram.live?.ws.terminate()
  await finishing
})

t.test('a recording whose language is not told may go to any engine', async (t) => {
  const asked: (string | undefined)[] = []
  const transcriber: Transcriber = {
    ...{ name: 'test', languages: () => ['en'], close: async () => undefined },
    async transcribe({ language }) {
      asked.push(language)
      return { text: 'hi', language: 'en', segments: [], engine: 'test' }
    },
  }
  const { transcription } = await open(t, { transcribers: [transcriber] })
  await transcription.transcribe({ samples: SECOND })
  t.same(asked, [undefined])
})
