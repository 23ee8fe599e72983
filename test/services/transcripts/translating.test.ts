import t from 'tap'
import { createApertium } from '../../../pipeline/apertium/apertium.ts'
import type { Translator } from '../../../pipeline/translator.ts'
import { createTranslating } from '../../../services/transcripts/translating.ts'
import type { Translation } from '../../../services/translation.ts'
import { backends } from '../../support/backends.ts'
import { parseVtt } from '../../support/subtitles.ts'
import { openTranscripts } from '../../support/transcripts.ts'

/** The installed engine, and how often it was asked. */
function counting(t: { teardown(end: () => Promise<void>): void }) {
  const engine = createApertium({ log: { warn: () => undefined } })
  if (!engine) throw new Error('no engine is installed')
  t.teardown(() => engine.close())
  let asked = 0
  const translator: Translator = {
    ...engine,
    translate(request) {
      asked++
      return engine.translate(request)
    },
  }
  return { translator, asked: () => asked }
}

t.test(
  'a transcript in a language: translations made when it was said, the others now, the rest as it was said',
  async (t) => {
    const { translator, asked } = counting(t)
    const [embedded] = backends
    if (!embedded) throw new Error('no backend')
    const { user, room, join, say, captions, read } = await openTranscripts(t, embedded, translator)
    const [host, listener] = [await user('en'), await user('es')]
    const code = await room(host)
    const { id } = await join(code, host.token)
    await join(code, listener.token)
    const text = 'The meeting starts at nine in the morning.'
    await say(code, id, text)
    const before = asked()
    t.ok(before > 0, 'for the one who listens')
    const [spanish] = await captions(code, host.token, '?language=es-MX')
    t.match(spanish, {
      status: 'translated',
      language: 'es',
      source_text: text,
      source_language: 'en',
      engine: /apertium/,
    })
    t.not(spanish?.text, text)
    t.equal(asked(), before, 'a stored translation is not made again')

    const french = await captions(code, host.token, '?language=fr')
    t.match(french, [{ status: 'translated', language: 'fr', engine: /apertium/ }])
    t.ok(asked() > before)
    t.same(
      parseVtt((await read(code, host.token, '?format=vtt&language=fr')).text).map((cue) => cue.text),
      french.map((caption) => caption.text),
    )

    t.match(await captions(code, host.token, '?language=ja'), [{ status: 'untranslated', language: 'en', text }])
    t.match(
      parseVtt((await read(code, host.token, '?format=vtt&language=ja')).text),
      [{ text }],
      'the original text, with nothing added',
    )
    t.match(await captions(code, host.token, '?language=en'), [{ status: 'original', language: 'en', text }])
  },
)

t.test('few translations at once, and none once the reader is gone', async (t) => {
  let running = 0
  let most = 0
  let made = 0
  const reader = new AbortController()
  const translation: Pick<Translation, 'caption'> = {
    async caption({ targets }) {
      running++
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      made++
      if (made === 40) reader.abort()
      return Object.fromEntries(targets.map((target) => [target, { text: 'traducido', status: 'translated' }]))
    },
  }
  const translate = createTranslating({
    translation,
    meetingAllowance: { charge: async () => ({ allowed: true, tell: null }) },
  })
  const records = Array.from({ length: 200 }, (_, n) => ({
    ...{ room_id: 'r', at: new Date(n), seq: n, caption_id: String(n), revision: 0, participant_id: null },
    ...{ speaker_name: 'Ana', language: 'en', text: `No. ${n}`, texts: {} },
  }))
  const shown = await translate(records, 'es', { id: 'u', user_id: 'u' }, reader.signal)
  t.equal(shown.length, records.length)
  t.ok(most <= 4, `${most} at once`)
  t.ok(made < 60, `${made} made`)
})

t.test('a reader pays for the translations that engines make for it, and reads on in the original', async (t) => {
  const { translator, asked } = counting(t)
  const [embedded] = backends
  if (!embedded) throw new Error('no backend')
  const config = { allowanceCharactersPerDay: 30 }
  const { user, room, join, say, captions } = await openTranscripts(t, embedded, translator, config)
  const [host, reader] = [await user('en'), await user('en')]
  const code = await room(host)
  const { id } = await join(code, host.token)
  await join(code, reader.token)
  for (const text of ['Good morning.', 'Good evening.', 'Good night to all of you.']) await say(code, id, text)
  const read = () => captions(code, reader.token, '?language=es')
  const first = await read()
  t.strictSame(first.map(({ status }) => status).sort(), ['translated', 'translated', 'untranslated'])
  t.equal(asked(), 2)
  t.strictSame(await read(), first, 'what is remembered costs nothing')
  t.equal(asked(), 2)
})
