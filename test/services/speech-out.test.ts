import t from 'tap'
import { createSpeech } from '../../services/speech.ts'
import { createSpeechOut } from '../../services/speech-out.ts'
import { countingSynthesizer } from '../support/engine-doubles.ts'

const log = { warn: () => undefined }
const { signal } = new AbortController()

t.test('a text is synthesised once in a language, whoever asks and in which room', async (t) => {
  const { synthesizer, requests } = countingSynthesizer()
  const out = createSpeechOut({ speech: createSpeech({ synthesizers: [synthesizer], log }) })
  const speak = (text: string, language: string, room: string) => out.speak({ text, language, room, signal })
  const [one, two] = await Promise.all([speak('Bom dia', 'pt', 'a'), speak('Bom dia', 'pt-BR', 'b')])
  t.ok(one)
  t.equal(one?.pcm, two?.pcm)
  t.equal(await speak('Bom dia', 'pt', 'c'), one)
  await speak('Bom dia', 'en', 'a')
  t.equal(requests.length, 2)
})

t.test('what nobody can speak is null, and nothing is thrown', async (t) => {
  const { synthesizer } = countingSynthesizer()
  const out = createSpeechOut({ speech: createSpeech({ synthesizers: [synthesizer], log }) })
  t.ok(out.serves('pt-BR'))
  t.notOk(out.serves('fr'))
  t.equal(await out.speak({ text: 'Bonjour', language: 'fr', room: 'a', signal }), null)
  t.equal(await out.speak({ text: 'Bom dia', language: 'pt', room: 'a', signal: AbortSignal.abort() }), null)
})
