import t from 'tap'
import { countingSynthesizer } from '../support/engine-doubles.ts'
import { killEngines } from '../support/engine-processes.ts'
import { listen } from '../support/meeting-app.ts'
import { joined, recording, silence } from '../support/recordings.ts'
import type { Frame, TestSocket } from '../support/socket-client.ts'
import { AUDIO_START, speakInto, speakLive, speeches } from '../support/speaking.ts'
import { until } from '../support/states.ts'

/** The first recognition of a run loads the model, on a machine that has other things to do. */
const PATIENCE_MS = 90_000
const ENGINES = { sttEngine: 'embedded', ttsEngine: 'embedded' } as const

const final = (frame: Frame) => frame.type === 'caption' && frame.final === true
const by = (id: string) => (frame: Frame) => final(frame) && (frame.speaker as { id: string }).id === id
const words = (text: unknown) =>
  String(text)
    .toLowerCase()
    .replace(/[^\p{L} ]/gu, '')

t.test('a meeting that is spoken', { timeout: 600_000 }, async (t) => {
  const app = await listen(t, ENGINES)
  const [ben, ana, eva] = [await app.user('en'), await app.user('es'), await app.user('en')]
  const code = await app.room(ben)
  const ids: string[] = []
  for (const user of [ben, ana, eva]) ids.push((await app.join(code, user.token)).participant.id)
  const [benId = '', , evaId = ''] = ids
  const speaker = await app.enter(code, ben.token)
  const listener = await app.enter(code, ana.token)
  const other = await app.enter(code, eva.token)
  listener.send({ type: 'language.set', spoken_output: true })
  const isHeard = (socket: TestSocket, caption: Frame) => () =>
    speeches(socket).some(({ header, bytes }) => header.caption_id === caption.id && header.bytes === bytes)

  await t.test(
    'what one says aloud another reads and hears in the own language',
    { timeout: 2 * PATIENCE_MS },
    async (t) => {
      const { samples } = await recording('en-only-person')
      speaker.send(AUDIO_START)
      await speakLive(speaker, joined(samples, silence(1)))
      const read = await listener.next(final, PATIENCE_MS)
      t.match(words(read.source_text), /only person in this conference/)
      t.match(read, { source_language: 'en', language: 'es', status: 'translated' })
      t.not(read.text, read.source_text)
      await until(isHeard(listener, read))
      const [speech] = speeches(listener)
      t.match(speech?.header, { language: 'es', encoding: 'pcm_s16le', caption_id: read.id })
      const seconds = (speech?.bytes ?? 0) / 2 / Number(speech?.header.sample_rate)
      t.ok(seconds > 1 && seconds < 15, `${seconds} s of sound`)
      t.match(await speaker.next(final), { id: read.id, status: 'original' })
      t.strictSame(speeches(speaker), [], 'nobody hears itself')
      t.strictSame(speeches(other), [], 'nor does who did not ask')
      const interims = listener.frames.filter(({ type, id }) => type === 'caption' && id === read.id)
      t.strictSame(
        interims.map(({ revision }) => Number(revision)).toSorted((a, b) => a - b),
        interims.map(({ revision }) => revision),
        'revisions grow',
      )
    },
  )

  await t.test('several speak at once, and each has its own words', { timeout: 2 * PATIENCE_MS }, async (t) => {
    const [one, two] = [await recording('en-unable-to-locate'), await recording('en-something')]
    other.send(AUDIO_START)
    speakInto(speaker, joined(one.samples, silence(1)))
    speakInto(other, joined(two.samples, silence(1)))
    const [first, second] = await Promise.all([
      listener.next(by(benId), PATIENCE_MS),
      listener.next(by(evaId), PATIENCE_MS),
    ])
    t.match(words(first.source_text), /unable to locate/)
    t.match(words(second.source_text), /go somewhere/)
    await until(isHeard(listener, first))
    await until(isHeard(listener, second))
  })

  await t.test(
    'when the engine is killed in the middle the meeting goes on',
    { timeout: 2 * PATIENCE_MS },
    async (t) => {
      const { samples } = await recording('en-not-at-desk')
      speakInto(speaker, joined(samples, silence(1)))
      t.ok(killEngines() > 0)
      other.send({ type: 'say', text: 'Good morning.' })
      await listener.next((frame) => frame.source_text === 'Good morning.')
      const again = await recording('en-goforward')
      speakInto(other, joined(again.samples, silence(1)))
      const read = await listener.next(
        (frame) => by(evaId)(frame) && frame.source_text !== 'Good morning.',
        PATIENCE_MS,
      )
      t.match(words(read.source_text), /go forward/)
    },
  )

  await t.test(
    'what was said before the socket closed is still written down',
    { timeout: 2 * PATIENCE_MS },
    async (t) => {
      const { samples } = await recording('en-first-in-line')
      await speakLive(speaker, samples)
      speaker.send({ type: 'ping' })
      await speaker.next('pong')
      speaker.close()
      const read = await listener.next(
        (frame) => by(benId)(frame) && /first in line/.test(words(frame.source_text)),
        PATIENCE_MS,
      )
      t.equal(read.status, 'translated')
    },
  )
})

t.test('who hears pays for what it hears: without an allowance it reads on in silence, and is told once', async (t) => {
  const { synthesizer, requests } = countingSynthesizer()
  const app = await listen(
    t,
    { allowanceCharactersPerDay: 40 },
    { translator: null, engines: { synthesizers: [synthesizer] } },
  )
  const [ben, ana, eva] = [await app.user('pt'), await app.user('pt'), await app.user('pt')]
  const code = await app.room(ben)
  for (const user of [ana, eva]) await app.join(code, user.token)
  const speaker = await app.enter(code, ben.token)
  const [first, second] = [await app.enter(code, ana.token), await app.enter(code, eva.token)]
  const heard = (socket: TestSocket) => speeches(socket).length
  const hear = async (socket: TestSocket) => {
    socket.send({ type: 'language.set', spoken_output: true })
    await socket.next((frame) => frame.type === 'participant.updated')
  }
  await hear(first)
  speaker.send({ type: 'say', text: 'Bom dia a todos, vamos.' })
  await until(() => heard(first) === 1)
  await hear(second)
  for (const text of ['Isto ja nao se ouve.', 'Nem isto, para ela.']) {
    speaker.send({ type: 'say', text })
    await first.next((frame) => frame.source_text === text)
  }
  await until(() => heard(second) === 2)
  t.equal(heard(first), 1)
  t.equal(requests.length, 3)
  t.equal(first.frames.filter(({ code }) => code === 'RATE_LIMIT_EXCEEDED').length, 1)
  t.equal(second.frames.filter(({ type }) => type === 'error').length, 0)
})
