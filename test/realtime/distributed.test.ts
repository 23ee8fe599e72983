import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { openPair } from '../support/app-pair.ts'
import { connect, type Frame, ticketFor } from '../support/socket-client.ts'
import { until } from '../support/states.ts'

const saying = (text: string) => (frame: Frame) => frame.source_text === text

t.test('sockets of one room on two processes', async (t) => {
  const { redis, one, two } = await openPair(t)
  const [ben, ana] = [await one.user('en'), await one.user('es')]
  const code = await one.room(ben)
  await two.join(code, ana.token)
  const speaker = await one.enter(code, ben.token)
  let reader = await two.enter(code, ana.token)

  await t.test('a caption said at one is read at the other, in its language', async (t) => {
    const text = 'The meeting starts at nine in the morning.'
    speaker.send({ type: 'say', text })
    const [said, read] = await Promise.all([speaker.next('caption'), reader.next('caption')])
    t.match(said, { text, status: 'original' })
    t.match(read, { source_text: text, language: 'es', status: 'translated', seq: said.seq })
    t.not(read.text, text)
  })

  await t.test('a language that is set at one counts at the other', async (t) => {
    const sent: Frame[] = []
    const bus = new Redis(redis.url)
    t.teardown(() => bus.disconnect())
    await bus.psubscribe('*')
    bus.on('pmessage', (_pattern, _channel, message) => sent.push(JSON.parse(message)))
    reader.send({ type: 'language.set', listening: 'ca' })
    await Promise.all([speaker.next('participant.updated'), reader.next('participant.updated')])
    speaker.send({ type: 'say', text: 'Good morning.' })
    t.match(await reader.next('caption'), { language: 'ca', status: 'translated' })
    await until(() => sent.some(saying('Good morning.')))
    t.match(
      sent.find(saying('Good morning.')),
      { texts: { ca: { status: 'translated' } } },
      'the speaker made it, not the process of who reads',
    )
    reader.send({ type: 'language.set', listening: 'es' })
    await Promise.all([speaker.next('participant.updated'), reader.next('participant.updated')])
  })

  await t.test('who comes back, to either process, misses nothing', async (t) => {
    const last = Math.max(...reader.frames.map(({ seq }) => seq ?? 0))
    reader.close()
    await reader.closed
    const texts = ['First.', 'Second.', 'Third.']
    for (const text of texts) speaker.send({ type: 'say', text })
    await speaker.next(saying('Third.'))
    reader = await one.enter(code, ana.token)
    reader.send({ type: 'resume', after_seq: last })
    speaker.send({ type: 'say', text: 'Fourth.' })
    for (const text of [...texts, 'Fourth.'])
      t.match(await reader.next('caption'), { source_text: text, language: 'es' })
    reader.close()
    await reader.closed
    reader = await two.enter(code, ana.token)
  })

  await t.test('six sockets of one user, spread over both, are five and a 429', async (t) => {
    const user = await one.user()
    const room = await one.room(user)
    const outcomes: ('open' | number)[] = []
    for (let i = 0; i < 6; i++) outcomes.push(await (await (i % 2 ? one : two).open(room, user.token)).opened)
    t.strictSame(outcomes, ['open', 'open', 'open', 'open', 'open', 429])
  })

  await t.test('a ticket made at one is good at the other, once', async (t) => {
    const user = await one.user()
    const room = await one.room(user)
    const ticket = await ticketFor(one.base, room, user.token)
    const sockets = await Promise.all([one, two].map(({ base }) => connect(t, base, room, ticket)))
    t.strictSame((await Promise.all(sockets.map(({ opened }) => opened))).map(String).sort(), ['401', 'open'])
  })

  await t.test('logout at one closes the sockets at the other', async (t) => {
    const user = await one.user()
    const room = await one.room(user)
    const socket = await two.enter(room, user.token)
    await one.post('/api/v1/auth/logout-all', user.token)
    t.equal(await socket.closed, 4401)
  })

  await t.test(
    'while Redis is away a frame is refused and the socket stays; when it is back, captions flow',
    async (t) => {
      await redis.stop()
      speaker.send({ type: 'say', id: 'lost', text: 'Is anybody there?' })
      t.match(await speaker.next('error'), { code: 'SERVICE_UNAVAILABLE', ref: 'lost' })
      await redis.start()
      const before = Math.max(...reader.frames.map(({ seq }) => seq ?? 0))
      // Redis came back empty: what the reader listens to is not known where the caption is made.
      let back: Frame | null = null
      for (let i = 0; back?.type !== 'caption'; i++) {
        const text = `Back again, take ${i}.`
        speaker.send({ type: 'say', text })
        back = await speaker.next((frame) => frame.type === 'error' || frame.source_text === text)
        if (back.type === 'error') await wait(50)
      }
      const read = await reader.next(saying(String(back.source_text)))
      t.match(read, { language: 'es', seq: back.seq })
      t.equal(read.status, 'translated')
      t.ok(Number(read.seq) > before, 'the numbers never go back')
    },
  )

  await t.test('the end of the room closes both', async (t) => {
    t.equal(await two.post(`/api/v1/meetings/${code}/end`, ben.token), 204)
    await Promise.all([speaker.next('room.ended'), reader.next('room.ended')])
    t.strictSame(await Promise.all([speaker.closed, reader.closed]), [4410, 4410])
  })
})
