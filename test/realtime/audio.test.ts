import t, { type Test } from 'tap'
import type { Overrides } from '../../app.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { send } from '../support/client.ts'
import { countingTranscriber } from '../support/engine-doubles.ts'
import { listen } from '../support/meeting-app.ts'
import { joined, recording, silence } from '../support/recordings.ts'
import { AUDIO_START, speakInto } from '../support/speaking.ts'
import { FAILURES, until } from '../support/states.ts'

/** An app whose engine only counts: what is tested here is what comes before it. The detector is the real one. */
async function open(t: Test, answering?: () => Promise<void>, overrides: Partial<Overrides> = {}) {
  const { transcriber, requests } = countingTranscriber(answering)
  const app = await listen(t, {}, { engines: { transcribers: [transcriber] }, ...overrides })
  return { app, requests }
}

t.test('audio on a socket', async (t) => {
  const { app, requests } = await open(t)
  const ben = await app.user('en')
  const code = await app.room(ben)
  const frame = Buffer.alloc(3200)

  await t.test(
    'a frame before audio.start and one of half samples are refused, and the connection stays',
    async (t) => {
      const socket = await app.enter(code, ben.token)
      socket.sendRaw(frame)
      t.match(await socket.next('error'), { code: 'UNPROCESSABLE', ref: 'audio.start' })
      for (const wrong of [Buffer.alloc(3201), Buffer.alloc(0)]) {
        socket.sendRaw(wrong)
        t.match(await socket.next('error'), { code: 'VALIDATION_ERROR', ref: 'audio.start' })
      }
      socket.close()
    },
  )

  await t.test(
    'audio.start twice is a CONFLICT, and the first goes on; after audio.stop it may start again',
    async (t) => {
      const socket = await app.enter(code, ben.token)
      socket.send(AUDIO_START)
      socket.send(AUDIO_START)
      t.match(await socket.next('error'), { code: 'CONFLICT', ref: 'audio.start' })
      const { samples } = await recording('en-goforward')
      speakInto(socket, joined(samples, silence(1)))
      t.match(await socket.next((frame) => frame.final === true), { language: 'en' })
      socket.send({ type: 'audio.stop' })
      socket.send({ type: 'audio.stop' })
      socket.send({ ...AUDIO_START, language: 'es-MX' })
      speakInto(socket, samples)
      socket.send({ type: 'audio.stop' })
      t.match(await socket.next((frame) => frame.final === true), { source_language: 'es-MX' })
      t.equal(socket.frames.filter(({ type }) => type === 'error').length, 1)
      socket.close()
    },
  )

  await t.test('a language that nothing recognises is refused, and frames on their way are no mistake', async (t) => {
    const socket = await app.enter(code, ben.token)
    const before = requests.length
    socket.send({ ...AUDIO_START, language: 'sw' })
    for (let i = 0; i < 30; i++) socket.sendRaw(frame)
    t.match(await socket.next('error'), { code: 'UNPROCESSABLE', ref: 'audio.start' })
    socket.send({ type: 'ping' })
    await socket.next('pong')
    t.equal(socket.frames.filter(({ type }) => type === 'error').length, 1)
    t.equal(requests.length, before)
    socket.close()
  })

  await t.test('silence, and what is said while muted, asks no engine', async (t) => {
    const socket = await app.enter(code, ben.token)
    const before = requests.length
    socket.send(AUDIO_START)
    speakInto(socket, silence(5))
    socket.send({ type: 'state.set', muted: true })
    await socket.next('participant.updated')
    const { samples } = await recording('en-goforward')
    speakInto(socket, samples)
    socket.send({ type: 'audio.stop' })
    socket.send({ type: 'state.set', muted: false })
    await socket.next(
      (frame) => frame.type === 'participant.updated' && JSON.stringify(frame).includes('"muted":false'),
    )
    t.equal(requests.length, before)
    socket.close()
  })

  await t.test('more than ten seconds ahead of real time is refused', async (t) => {
    const socket = await app.enter(code, ben.token)
    socket.send(AUDIO_START)
    for (let i = 0; i < 30; i++) socket.sendRaw(Buffer.alloc(32_000))
    t.match(await socket.next('error'), { code: 'RATE_LIMIT_EXCEEDED', ref: 'audio.start' })
    socket.send({ type: 'ping' })
    await socket.next('pong')
    socket.close()
  })

  await t.test('more than 60 frames in a second close with 4429', async (t) => {
    const socket = await app.enter(code, ben.token)
    socket.send(AUDIO_START)
    for (let i = 0; i < 1000; i++) socket.sendRaw(Buffer.alloc(2))
    t.equal(await socket.closed, 4429)
  })

  await t.test('one who waits in the lobby is not heard', async (t) => {
    const path = `/api/v1/meetings/${code}/config`
    await send(app.base, 'PATCH', path, { token: ben.token, body: { lock_room: true } })
    const user = await app.user()
    await app.join(code, user.token)
    const socket = await app.enter(code, user.token)
    socket.send(AUDIO_START)
    t.match(await socket.next('error'), { code: 'FORBIDDEN', ref: 'audio.start' })
    socket.sendRaw(frame)
    t.match(await socket.next('error'), { code: 'UNPROCESSABLE', ref: 'audio.start' })
    socket.close()
  })
})

t.test('words that were being said when the server ends are still recognised and kept', async (t) => {
  const gate = Promise.withResolvers<void>()
  const memory = createMemoryState({ failures: FAILURES })
  const kept: { type: string }[] = []
  const append: typeof memory.roomEvents.append = (roomId, event, floor) => {
    kept.push(event)
    return memory.roomEvents.append(roomId, event, floor)
  }
  const state = { ...memory, roomEvents: { ...memory.roomEvents, append } }
  const { app, requests } = await open(t, () => gate.promise, { state })
  const ben = await app.user('en')
  const code = await app.room(ben)
  const socket = await app.enter(code, ben.token)
  const { samples } = await recording('en-goforward')
  socket.send(AUDIO_START)
  speakInto(socket, samples)
  socket.send({ type: 'ping' })
  await socket.next('pong')
  const closed = app.close()
  t.equal(await socket.closed, 1001)
  await until(() => requests.length > 0)
  gate.resolve()
  await closed
  t.match(
    kept.filter(({ type }) => type === 'caption'),
    [{ final: true, source_text: /samples$/ }],
  )
})
