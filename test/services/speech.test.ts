import t, { type Test } from 'tap'
import { createOpenAiSynthesizer } from '../../pipeline/openai/synthesizer.ts'
import type { Speech, Synthesizer, SynthesizerRequest } from '../../pipeline/synthesizer.ts'
import { createSpeech } from '../../services/speech.ts'
import { startOpenAi } from '../support/providers/openai.ts'

const log = { warn: () => undefined }

/** A provider with an engine of this machine behind it, which answers what the test says. */
async function open(t: Test) {
  const standIn = await startOpenAi(t)
  const asked: SynthesizerRequest[] = []
  const answer: Speech = { pcm: Buffer.alloc(100), sample_rate: 22_050, engine: 'local' }
  const local: Synthesizer = {
    ...{ name: 'local', languages: () => ['es', 'eu'], close: async () => undefined },
    async synthesize(request) {
      asked.push(request)
      return answer
    },
  }
  const provider = createOpenAiSynthesizer({ url: standIn.base, key: null, model: null, voice: null })
  const speech = createSpeech({ synthesizers: [provider, local], log, timeoutMs: 400 })
  t.teardown(() => speech.close())
  return { standIn, speech, asked, answer }
}

t.test('the primary speaks, and the fallback while it is away, slow or answers garbage', async (t) => {
  const { standIn, speech, asked } = await open(t)
  const speak = () => speech.synthesize({ text: 'Hola', language: 'es-MX', voice: 'nova' })
  t.match(await speak(), { engine: 'openai', sample_rate: 24_000 })
  for (const mood of ['reset', 'hang', { body: 'no sound' }, { status: 500 }] as const) {
    standIn.behave(mood)
    t.match(await speak(), { engine: 'local', sample_rate: 22_050 })
  }
  t.match(asked[0], { text: 'Hola', language: 'es' })
  t.equal(asked[0]?.voice, undefined, "a voice is one engine's own")
})

t.test('a language of one engine goes to that one, with its voice; one of none is UNPROCESSABLE', async (t) => {
  const { standIn, speech, asked } = await open(t)
  await speech.synthesize({ text: 'Kaixo', language: 'eu', voice: 'ona' })
  t.match(asked, [{ language: 'eu', voice: 'ona' }])
  t.equal(standIn.received.length, 0)
  await t.rejects(speech.synthesize({ text: 'x', language: 'tlh' }), { code: 'UNPROCESSABLE' })
  t.equal(speech.languages().engine, 'openai')
  t.ok(speech.languages().languages.includes('eu'))
})

t.test('what cannot be played is a failure', async (t) => {
  const { standIn, speech, answer } = await open(t)
  standIn.behave({ status: 500 })
  for (const wrong of [{ pcm: Buffer.alloc(0) }, { pcm: Buffer.alloc(3) }, { sample_rate: 0 }, { sample_rate: 1e9 }]) {
    Object.assign(answer, { pcm: Buffer.alloc(100), sample_rate: 22_050 }, wrong)
    await t.rejects(speech.synthesize({ text: 'Hola', language: 'es' }), { code: 'PROVIDER_UNAVAILABLE' })
  }
})

t.test('without an engine nothing is claimed', async (t) => {
  const speech = createSpeech({ synthesizers: [], log })
  t.same(speech.languages(), { engine: null, languages: [] })
  await t.rejects(speech.synthesize({ text: 'x', language: 'en' }), { code: 'UNPROCESSABLE' })
})
