import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { createDeepgram } from '../../../pipeline/deepgram/transcriber.ts'
import { startDeepgram } from '../../support/providers/deepgram.ts'
import { faultOf } from '../../support/providers/fault.ts'
import { until } from '../../support/states.ts'

const KEY = 'very-secret'
const HALF_SECOND = new Float32Array(8_000).fill(0.1)

async function open(t: Test, options: { key?: string; keepAliveMs?: number } = {}) {
  const { key = KEY, ...rest } = options
  const standIn = await startDeepgram(t, { key })
  const transcriber = createDeepgram({ url: standIn.base, key: KEY, model: null, ...rest })
  t.teardown(() => transcriber.close())
  const [interims, finals, errors]: [string[], string[], unknown[]] = [[], [], []]
  const speak = () =>
    transcriber.stream?.({
      language: 'en',
      onInterim: (text) => interims.push(text),
      onFinal: (text) => finals.push(text),
      onError: (error) => errors.push(error),
    }) ?? t.fail('no stream')
  return {
    standIn,
    transcriber,
    speak: speak as () => NonNullable<ReturnType<NonNullable<typeof transcriber.stream>>>,
    interims,
    finals,
    errors,
  }
}

t.test('words come while somebody speaks, and the utterance when the pause comes', async (t) => {
  const { standIn, speak, interims, finals, errors } = await open(t)
  const stream = speak()
  for (let i = 0; i < 4; i++) {
    stream.push(HALF_SECOND)
    await until(() => interims.length + finals.length > i)
  }
  t.same(interims, ['see', 'see you', 'see you on'])
  t.same(finals, ['see you on friday'])
  await stream.finish()
  t.same(finals.length, 1)
  t.same(errors, [])
  const { query, controls, audioBytes } = standIn.live ?? {}
  t.same(controls, ['CloseStream'])
  t.equal(audioBytes, 4 * 16_000)
  t.match(Object.fromEntries(query ?? []), {
    ...{ encoding: 'linear16', sample_rate: '16000', channels: '1', interim_results: 'true', language: 'en' },
    ...{ endpointing: '300', model: 'nova-3' },
  })
  t.notMatch(String(query), KEY)
})

t.test('sound from before the connection stands is not lost, and finishing gives what was not yet told', async (t) => {
  const { standIn, speak, finals } = await open(t)
  const stream = speak()
  for (let i = 0; i < 3; i++) stream.push(HALF_SECOND)
  await stream.finish()
  t.equal(standIn.live?.audioBytes, 3 * 16_000)
  t.equal(finals.join('|').startsWith('on friday') || finals.join('|').startsWith('see'), true)
  t.equal(finals.length, 1)
})

t.test('a silent connection says that it stands', async (t) => {
  const { standIn, speak } = await open(t, { keepAliveMs: 10 })
  const stream = speak()
  await until(() => (standIn.live?.controls.filter((type) => type === 'KeepAlive').length ?? 0) >= 3)
  stream.abort()
  await until(() => standIn.live?.ws.readyState === 3)
})

t.test('a connection that breaks is told once, is not opened again, and what was settled is not lost', async (t) => {
  const { standIn, speak, finals, errors, interims } = await open(t)
  const stream = speak()
  stream.push(HALF_SECOND)
  await until(() => interims.length === 1)
  stream.push(HALF_SECOND)
  await until(() => interims.length === 2)
  const first = standIn.live
  first?.ws.terminate()
  await until(() => errors.length > 0)
  t.match(errors, [{ name: 'EngineError', fault: 'failed' }])
  t.same(finals, ['see you'])
  stream.push(HALF_SECOND)
  await stream.finish()
  t.equal(standIn.live, first)
  t.equal(errors.length, 1)
})

t.test('a refusal says its status and neither the key nor the address', async (t) => {
  const { speak, errors, standIn } = await open(t, { key: 'another' })
  speak()
  await until(() => errors.length === 1)
  t.match(errors, [{ fault: 'refused', message: 'deepgram: answered 401' }])
  t.notMatch(inspect(errors), KEY)
  await standIn.stop()
  speak()
  await until(() => errors.length === 2)
  t.match(errors[1], { fault: 'unreachable', message: /ECONNREFUSED/ })
  t.notMatch(inspect(errors), /127\.0\.0\.1/)
})

t.test('garbage, and an error of its own, end the stream', async (t) => {
  const messages: [string, string][] = [
    ['not JSON', 'garbage'],
    ['{"type":"Results","channel":{}}', 'garbage'],
    ['{"type":"Error","description":"very private"}', 'failed'],
  ]
  for (const [message, fault] of messages) {
    const { standIn, speak, errors, finals } = await open(t)
    speak()
    await until(() => standIn.live !== null)
    standIn.tell('{"type":"SpeechStarted"}')
    standIn.tell(message)
    await until(() => errors.length === 1)
    t.match(errors, [{ fault }])
    t.notMatch(inspect(errors), 'very private')
    t.same(finals, [])
  }
})

t.test('a provider that takes nothing is given up before the memory is full', async (t) => {
  const { standIn, speak, errors } = await open(t)
  standIn.behave('hang')
  const stream = speak()
  for (let i = 0; i < 50 && errors.length === 0; i++) stream.push(HALF_SECOND)
  t.match(errors, [{ fault: 'slow' }])
})

t.test('a stream that is aborted, or whose engine is closed, tells nothing more', async (t) => {
  const { standIn, transcriber, speak, errors, finals, interims } = await open(t)
  const [one, other] = [speak(), speak()]
  one.push(HALF_SECOND)
  one.abort()
  other.push(HALF_SECOND)
  await transcriber.close()
  await one.finish()
  await other.finish()
  t.same([errors, finals, interims], [[], [], []])
  t.ok(standIn)
})

t.test('a recording is transcribed over HTTP, its language found where none is given', async (t) => {
  const { standIn, transcriber } = await open(t)
  const answer = await transcriber.transcribe({ samples: HALF_SECOND, language: 'en' })
  t.same(answer, {
    ...{ text: 'see you on friday', language: 'en', engine: 'deepgram' },
    segments: [{ start_s: 0.1, end_s: 0.5, text: 'see you on friday' }],
  })
  t.equal((await transcriber.transcribe({ samples: HALF_SECOND })).language, 'es')
  t.equal(standIn.received[0]?.query.get('language'), 'en')
  t.equal(standIn.received[0]?.headers['content-type'], 'audio/wav')
  standIn.behave({ body: { results: {} } })
  t.equal(await faultOf(transcriber.transcribe({ samples: HALF_SECOND })), 'garbage')
})
