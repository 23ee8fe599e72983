import t from 'tap'
import { createOpenAiSynthesizer } from '../../../pipeline/openai/synthesizer.ts'
import { faultOf } from '../../support/providers/fault.ts'
import { startOpenAi } from '../../support/providers/openai.ts'

async function open(t: { teardown(end: () => Promise<void>): void }, voice: string | null = null) {
  const standIn = await startOpenAi(t)
  const synthesizer = createOpenAiSynthesizer({ url: standIn.base, key: null, model: null, voice })
  const asked = () => JSON.parse(standIn.received.at(-1)?.body.toString() ?? '')
  return { standIn, synthesizer, asked }
}

t.test('a text becomes sound at the rate that the answer says', async (t) => {
  const { synthesizer, asked } = await open(t)
  const { pcm, ...speech } = await synthesizer.synthesize({ text: 'Hola', language: 'es' })
  t.same(speech, { sample_rate: 24_000, engine: 'openai' })
  t.equal(pcm.length, 4 * 100 * 2)
  t.same(asked(), { model: 'tts-1', input: 'Hola', voice: 'alloy', response_format: 'wav' })
})

t.test('the voice is the one asked for, or that of the settings, and nothing but a name', async (t) => {
  const { standIn, synthesizer, asked } = await open(t, 'nova')
  await synthesizer.synthesize({ text: 'Hola', language: 'es' })
  t.equal(asked().voice, 'nova')
  await synthesizer.synthesize({ text: 'Hola', language: 'es', voice: 'echo' })
  t.equal(asked().voice, 'echo')
  t.equal(await faultOf(synthesizer.synthesize({ text: 'Hola', language: 'es', voice: '../x y' })), 'rejected')
  t.equal(standIn.received.length, 2)
})

t.test('what is no sound is garbage', async (t) => {
  const { standIn, synthesizer } = await open(t)
  for (const body of ['', 'ID3 not a wave', '{"error":"no"}', Buffer.from('RIFF\0\0\0\0WAVEdata\0\0\0\0')]) {
    standIn.behave({ body })
    t.equal(await faultOf(synthesizer.synthesize({ text: 'Hola', language: 'es' })), 'garbage')
  }
})
