import t from 'tap'
import { AppError } from '../../errors.ts'
import { createEventFrames } from '../../realtime/frames.ts'
import type { ParticipantRecord } from '../../repositories/participants.ts'
import type { Participant } from '../../schemas/meetings.ts'
import { type CaptionsDeps, createCaptions } from '../../services/captions.ts'
import type { MeetingAllowance } from '../../services/meeting-allowance.ts'
import { createTranslation } from '../../services/translation.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { RoomEvent } from '../../state/room-events.ts'
import { FAILURES } from '../support/states.ts'
import { readTextFrame } from '../support/text-frame.ts'

const speaker = { id: 'p1', speaking_language: 'en-GB' } as ParticipantRecord

/** Captions of one room on memory state, with an engine that counts. */
async function open(listening: Record<string, string>, characters = Number.POSITIVE_INFINITY) {
  const state = createMemoryState({ failures: FAILURES })
  const asked: string[] = []
  const translator = {
    name: 'test',
    pairs: () => ['es', 'fr'].map((target) => ({ source: 'en', target, engine: 'test' })),
    async translate({ text, target }: { text: string; target: string }) {
      asked.push(target)
      return { text: `${text} (${target})`, engine: 'test' }
    },
    close: async () => {},
  }
  const translation = createTranslation({ translators: translator ? [translator] : [], log: { warn: () => {} } })
  const told = new AppError('RATE_LIMIT_EXCEEDED')
  const charges: number[] = []
  const meetingAllowance: Pick<MeetingAllowance, 'charge'> = {
    async charge(_speaker, _kind, amount) {
      charges.push(amount)
      const allowed = amount <= characters
      if (allowed) characters -= amount
      return { allowed, tell: allowed ? null : told }
    },
  }
  const captions = createCaptions({
    ...{ ...state, translation, meetingAllowance },
    toParticipant: (record) => ({ id: record.id }) as Participant,
  })
  for (const [id, language] of Object.entries(listening)) {
    await state.presence.enter('room', id, 'c', 100)
    await state.presence.setListening('room', id, language)
  }
  const say = (text: string, final = true) =>
    captions.say({ roomId: 'room', speaker, text, id: undefined, final, revision: 0, floor: 0 })
  const kept = async () => (await state.roomEvents.after('room', 0)).events
  return { state, captions, asked, charges, told, say, kept }
}

t.test('a caption is translated once per language, whatever the regions and however many listen', async (t) => {
  const { asked, say, kept } = await open({ a: 'es', b: 'es-MX', c: 'fr', d: 'en', e: 'fr' })
  await say(' Good\nmorning. ')
  t.strictSame(asked.sort(), ['es', 'fr'])
  const [caption] = await kept()
  t.match(caption, { source_text: 'Good morning.', source_language: 'en-GB', final: true })
  t.strictSame(Object.keys(caption?.texts as object).sort(), ['en', 'es', 'fr'])
})

t.test('an interim is not kept', async (t) => {
  const { say, kept } = await open({ a: 'es' })
  await say('Good', false)
  t.strictSame(await kept(), [])
})

t.test(
  'what other processes know of a text is asked for while the allowance is, and is of no use to who has none',
  async (t) => {
    const order: string[] = []
    const state = createMemoryState({ failures: FAILURES })
    const allowance = Promise.withResolvers<void>()
    const translation: CaptionsDeps['translation'] = {
      serves: () => true,
      expect: ({ text, targets }) => void order.push(`expect ${text} ${targets}`),
      caption: async () => {
        order.push('caption')
        return {}
      },
    }
    let allowed = true
    const meetingAllowance = {
      async charge() {
        order.push('charge')
        await allowance.promise
        order.push('charged')
        return { allowed, tell: null }
      },
    }
    const toParticipant = (record: ParticipantRecord) => ({ id: record.id }) as Participant
    const captions = createCaptions({ ...state, translation, meetingAllowance, toParticipant })
    await state.presence.enter('room', 'a', 'c', 100)
    await state.presence.setListening('room', 'a', 'es')
    const say = (text: string, final: boolean) =>
      captions.say({ roomId: 'room', speaker, text, id: undefined, final, revision: 0, floor: 0 })
    const saying = say('Hello.', true)
    await new Promise((resolve) => setImmediate(resolve))
    allowance.resolve()
    await saying
    t.strictSame(order.splice(0), ['charge', 'expect Hello. es', 'charged', 'caption'])
    await say('Good', false)
    t.strictSame(order.splice(0), ['charge', 'charged', 'caption'])
    allowed = false
    await say('Bye.', true)
    t.strictSame(order, ['charge', 'expect Bye. es', 'charged'])
  },
)

t.test('a caption is completed in the languages it lacks, together and once', async (t) => {
  const { captions, asked, say, kept } = await open({ a: 'es' })
  await say('Hello.')
  const [caption] = (await kept()) as [RoomEvent]
  t.strictSame(captions.lacked(caption, ['es-MX', 'en', 'fr', 'fr-CA']), ['fr'])
  const [one, two] = await Promise.all([
    captions.complete(caption, ['fr-CA', 'es']),
    captions.complete(caption, ['fr', 'xx']),
  ])
  t.match(one.texts, { fr: { text: 'Hello. (fr)', status: 'translated' }, es: { status: 'translated' } })
  t.notOk(Object.hasOwn(two.texts as object, 'xx'), 'nobody translates to it: its readers read the original')
  t.strictSame(asked, ['es', 'fr'])
  t.equal(await captions.complete(caption, ['es']), caption)
})

t.test(
  'who reads later what was said pays for its translation, once, and reads the original when it cannot',
  async (t) => {
    const { captions, asked, charges, say, kept } = await open({ a: 'es' }, 20)
    await say('Good evening.')
    const [caption] = (await kept()) as [RoomEvent]
    const payer = { id: 'p2', user_id: null }
    t.match((await captions.complete(caption, ['fr'], payer)).texts, { fr: { status: 'untranslated' } })
    t.strictSame([charges, asked], [[13, 13], ['es']])
    t.match((await captions.complete(caption, ['fr'])).texts, { fr: { status: 'translated' } })
    t.match((await captions.complete(caption, ['fr'], payer)).texts, { fr: { status: 'translated' } })
    t.strictSame([charges.length, asked], [2, ['es', 'fr']], 'what is remembered costs nothing')
  },
)

t.test('other events lack nothing', async (t) => {
  const { captions } = await open({})
  const event = { type: 'participant.joined', at: 'now', seq: 1 }
  t.equal(await captions.complete(event, ['fr']), event)
})

t.test('a speaker pays for each character once and for each other language, however its interims grow', async (t) => {
  const { captions, charges } = await open({ a: 'es', b: 'fr', c: 'en' })
  const revise = (text: string, revision: number, final = false) =>
    captions.say({ roomId: 'room', speaker, text, id: 'c1', final, revision, floor: 0 })
  await revise('Good', 0)
  await revise('Good morning', 1)
  await revise('Good morning.', 2, true)
  t.strictSame(charges, [8, 16, 2])
  await revise('Other words', 0)
  await revise('All of it new', 1)
  t.strictSame(charges.slice(3), [22, 26])
  await revise('All of it', 2)
  t.equal(charges[5], 8, 'taking back is work too')
})

t.test('a caption in a language of its own is of that language', async (t) => {
  const { captions, kept } = await open({ a: 'en' })
  await captions.say({
    ...{ roomId: 'room', speaker, text: 'Hola', id: 'c', final: true, revision: 0, floor: 0 },
    language: 'es',
  })
  const [caption] = await kept()
  t.match(caption, { source_language: 'es', texts: { es: { status: 'original' } } })
  t.match(
    readTextFrame(createEventFrames(caption as RoomEvent).for({ participantId: 'a', listening: 'en', isHost: false })),
    {
      ...{ text: 'Hola', language: 'es', status: 'untranslated' },
    },
  )
})

t.test('languages that nobody serves cost a speaker nothing, however many listen to them', async (t) => {
  const strange = Array.from({ length: 50 }, (_, i) => [
    `g${i}`,
    `q${'abcdefghij'[Math.floor(i / 10)]}${'abcdefghij'[i % 10]}`,
  ])
  const { charges, say, kept } = await open({ a: 'es', ...Object.fromEntries(strange) })
  await say('Hello.')
  t.strictSame(charges, [6])
  const [caption] = await kept()
  t.strictSame(Object.keys(caption?.texts as object).sort(), ['en', 'es'])
})

t.test('when the allowance is used up captions go on untranslated, for all, and the speaker is told', async (t) => {
  const { captions, asked, told, say, kept } = await open({ a: 'es', b: 'fr' }, 20)
  t.equal(await say('Good day.'), null)
  t.equal(await say('Good night.'), told)
  t.equal(asked.length, 2)
  const [, caption] = (await kept()) as [RoomEvent, RoomEvent]
  t.match(caption, { texts: { es: { text: 'Good night.', status: 'untranslated' }, en: { status: 'original' } } })
  t.strictSame(captions.lacked(caption, ['es', 'fr']), [], 'nobody translates it later')
})
