import t from 'tap'
import { createOpenAiTranscriber } from '../../../pipeline/openai/transcriber.ts'
import { faultOf } from '../../support/providers/fault.ts'
import { startOpenAi } from '../../support/providers/openai.ts'

const SECOND = Float32Array.from({ length: 16_000 }, (_, i) => Math.sin(i / 9) / 2)

async function open(t: { teardown(end: () => Promise<void>): void }) {
  const standIn = await startOpenAi(t)
  const transcriber = createOpenAiTranscriber({ url: standIn.base, key: null, model: null })
  return { standIn, transcribe: transcriber.transcribe }
}

const form = (body: Buffer | undefined, name: string) =>
  new RegExp(`name="${name}"\r\n\r\n([^\r]*)`).exec(body?.toString('latin1') ?? '')?.[1]

t.test('a recording goes out as a WAV file with its language, and comes back with times', async (t) => {
  const { standIn, transcribe } = await open(t)
  standIn.transcript = {
    ...{ text: ' See you. On Friday.', language: 'english' },
    segments: [
      { start: 0, end: 0.5, text: ' See you.', no_speech_prob: 0.01, avg_logprob: -0.2 },
      { start: 0.5, end: 1.02, text: ' On Friday.', no_speech_prob: 0.01, avg_logprob: -0.2 },
    ],
  }
  t.same(await transcribe({ samples: SECOND, language: 'en' }), {
    ...{ text: 'See you. On Friday.', language: 'en', engine: 'openai' },
    segments: [
      { start_s: 0, end_s: 0.5, text: 'See you.' },
      { start_s: 0.5, end_s: 1, text: 'On Friday.' },
    ],
  })
  const body = standIn.received[0]?.body
  t.equal(form(body, 'language'), 'en')
  t.equal(form(body, 'model'), 'whisper-1')
  t.equal(form(body, 'response_format'), 'verbose_json')
})

t.test('the language is the one the engine names, or else that of the words', async (t) => {
  const { standIn, transcribe } = await open(t)
  standIn.transcript.language = 'spanish'
  t.equal((await transcribe({ samples: SECOND })).language, 'es')
  t.equal(form(standIn.received[0]?.body, 'language'), undefined)
  standIn.transcript.language = 'de'
  t.equal((await transcribe({ samples: SECOND })).language, 'de')
  standIn.plainOnly = true
  standIn.transcript.text = 'La reunión empieza mañana por la mañana en la oficina.'
  t.equal((await transcribe({ samples: SECOND })).language, 'es')
})

t.test('a server without verbose_json is asked for json, from the second time on at once', async (t) => {
  const { standIn, transcribe } = await open(t)
  standIn.plainOnly = true
  const answer = await transcribe({ samples: SECOND, language: 'en' })
  t.match(answer, { text: 'See you on Friday.', segments: [{ start_s: 0, end_s: 1, text: 'See you on Friday.' }] })
  await transcribe({ samples: SECOND, language: 'en' })
  t.same(
    standIn.received.map(({ body }) => form(body, 'response_format')),
    ['verbose_json', 'json', 'json'],
  )
})

t.test('a recording that is refused either way stays refused, and verbose_json is asked for again', async (t) => {
  const { standIn, transcribe } = await open(t)
  standIn.behave({ status: 400, body: { error: { message: 'bad audio' } } }, 2)
  t.equal(await faultOf(transcribe({ samples: SECOND, language: 'en' })), 'rejected')
  await transcribe({ samples: SECOND, language: 'en' })
  t.equal(form(standIn.received.at(-1)?.body, 'response_format'), 'verbose_json')
})

t.test('what was made up over silence is left out', async (t) => {
  const { standIn, transcribe } = await open(t)
  standIn.transcript.segments = [
    { start: 0, end: 1, text: ' Thanks for watching!', no_speech_prob: 0.9, avg_logprob: -1.4 },
  ]
  t.match(await transcribe({ samples: SECOND, language: 'en' }), { text: '', segments: [] })
  standIn.transcript = { text: '', language: 'english', segments: [] }
  t.match(await transcribe({ samples: SECOND, language: 'en' }), { text: '', segments: [] })
})

t.test('answers of another shape are garbage', async (t) => {
  const { standIn, transcribe } = await open(t)
  for (const body of [{}, { text: 7 }, { text: 'a', segments: [{ start: 'x' }] }, { text: 'a', segments: [null] }]) {
    standIn.behave({ body })
    t.equal(await faultOf(transcribe({ samples: SECOND, language: 'en' })), 'garbage', JSON.stringify(body))
  }
})
