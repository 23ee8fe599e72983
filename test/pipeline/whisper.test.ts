import t from 'tap'
import { wordErrors } from '../../bench/word-errors.ts'
import { embedded, modelsWith } from '../support/embedded.ts'
import { joined, recording, recordings, silence } from '../support/recordings.ts'

// Native code on a loaded machine: as long as under `npm test`, also when this file runs alone.
t.setTimeout(240_000)

// One for all: its processes take a while to load.
const engine = embedded(t)

t.test('Spanish, French and Italian are written down', async (t) => {
  const errors: Record<string, number> = {}
  const words: Record<string, number> = {}
  for (const { name, language } of recordings()) {
    if (language === 'en') continue
    const { samples, text } = await recording(name)
    const answer = await engine.transcribe({ samples, language })
    t.match(answer, { language, engine: 'whisper-tiny' })
    const found = wordErrors(text, answer.text)
    errors[language] = (errors[language] ?? 0) + found.errors
    words[language] = (words[language] ?? 0) + found.words
  }
  t.strictSame(Object.keys(words).sort(), ['es', 'fr', 'it'])
  for (const [language, count] of Object.entries(words))
    t.ok((errors[language] ?? 0) / count < 0.25, `${language}: ${errors[language]} of ${count} words`)
})

t.test('a language that is not told is found, and English goes to the engine for English', async (t) => {
  const french = await recording('fr-all-busy')
  t.match(await engine.transcribe({ samples: french.samples }), {
    language: 'fr',
    engine: 'whisper-tiny',
    text: /appel/,
  })
  const english = await recording('en-austen-1')
  const late = joined(silence(35), english.samples)
  t.match(await engine.transcribe({ samples: late }), { language: 'en', engine: 'moonshine-tiny', text: /leisure/ })
})

t.test('the languages of meetings are served, and no other', async (t) => {
  for (const language of ['en', 'es', 'fr', 'de', 'it', 'pt']) t.ok(engine.languages().includes(language))
  const refused = { name: 'EngineError', fault: 'rejected' }
  await t.rejects(engine.transcribe({ samples: silence(1), language: 'xx' }), refused)
})

t.test('without the model for English Whisper takes English too', async (t) => {
  const engine = embedded(t, { modelsDir: modelsWith(t, 'whisper-tiny', 'silero-vad') })
  const { samples } = await recording('en-only-person')
  const answer = await engine.transcribe({ samples, language: 'en' })
  t.match(answer, { engine: 'whisper-tiny', text: /only person/i })
})
