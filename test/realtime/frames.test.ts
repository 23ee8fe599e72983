import t from 'tap'
import { createEventFrames } from '../../realtime/frames.ts'
import { readTextFrame } from '../support/text-frame.ts'

const caption = {
  type: 'caption',
  seq: 7,
  at: '2026-01-01T00:00:00.000Z',
  id: 'p1:c1',
  revision: 0,
  final: true,
  speaker: { id: 'p1', display_name: 'Ana' },
  source_text: 'Hello',
  source_language: 'en',
  texts: {
    en: { text: 'Hello', status: 'original' },
    es: { text: 'Hola', status: 'translated', engine: 'engine' },
    eu: { text: 'Hello', status: 'untranslated' },
  },
}

const read = (listening: string, participantId = 'p2') =>
  readTextFrame(createEventFrames(caption).for({ participantId, listening, isHost: false })) as Record<string, unknown>

t.test('each listener reads the caption in its language, and not the texts of the others', async (t) => {
  t.strictSame(read('es'), {
    type: 'caption',
    seq: 7,
    at: caption.at,
    id: 'p1:c1',
    revision: 0,
    final: true,
    speaker: caption.speaker,
    text: 'Hola',
    language: 'es',
    source_text: 'Hello',
    source_language: 'en',
    status: 'translated',
    engine: 'engine',
  })
})

t.test('a region reads what its language has', async (t) => {
  t.match(read('es-MX'), { text: 'Hola', language: 'es', status: 'translated' })
  t.match(read('en-GB'), { text: 'Hello', language: 'en', status: 'original' })
})

t.test(
  'a language that could not be translated to, or was not asked for, reads the original as untranslated',
  async (t) => {
    for (const language of ['eu', 'fr']) {
      t.match(read(language), { text: 'Hello', language: 'en', source_language: 'en', status: 'untranslated' })
    }
  },
)

t.test('the speaker reads its own words', async (t) => {
  t.match(read('es', 'p1'), { text: 'Hello', language: 'en', status: 'original' })
})

t.test('a frame is serialised and encoded once per language, and a plain event once', async (t) => {
  let serialised = 0
  const speaker = {
    id: 'p1',
    toJSON() {
      serialised += 1
      return { id: 'p1' }
    },
  }
  const captionFrames = createEventFrames({ ...caption, speaker })
  for (let i = 0; i < 10; i++) {
    captionFrames.for({ participantId: `es-${i}`, listening: 'es', isHost: false })
    captionFrames.for({ participantId: `en-${i}`, listening: 'en', isHost: false })
  }
  t.equal(serialised, 2)
  const [one, other] = ['es-1', 'es-2'].map((participantId) =>
    captionFrames.for({ participantId, listening: 'es', isHost: false }),
  )
  t.equal(one, other, 'the same bytes')
  const plain = createEventFrames({ type: 'participant.left', seq: 8, at: caption.at, participant: speaker })
  for (const listening of ['es', 'en', 'fr']) plain.for({ participantId: 'x', listening, isHost: false })
  t.equal(serialised, 3)
})

t.test('whom an event is for is not on the wire', async (t) => {
  const to = { hosts: true, participants: ['p1'] }
  const frames = createEventFrames({ type: 'signal', at: caption.at, from: 'p2', to })
  t.strictSame(readTextFrame(frames.for({ participantId: 'p1', listening: 'en', isHost: false })), {
    type: 'signal',
    at: caption.at,
    from: 'p2',
  })
})
