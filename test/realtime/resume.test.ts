import t from 'tap'
import { hostCalls } from '../support/app-pair.ts'
import { backends } from '../support/backends.ts'
import { listen, type MeetingApp } from '../support/meeting-app.ts'
import type { Frame, TestSocket } from '../support/socket-client.ts'
import { openRedisState } from '../support/states.ts'

/** Each socket may send 120 frames a minute. */
const SAYINGS_A_SOCKET = 100

/** A room and a host who can say a lot. */
async function talkative(app: MeetingApp) {
  const host = await app.user()
  const code = await app.room(host)
  let said = 0
  /** Says so many sentences, over as many sockets as it takes. */
  async function talk(count: number): Promise<void> {
    const socketsNeeded = Math.ceil(count / SAYINGS_A_SOCKET)
    for (let i = 0; i < socketsNeeded; i++) {
      const socket = await app.enter(code, host.token)
      const share = Math.min(SAYINGS_A_SOCKET, count - i * SAYINGS_A_SOCKET)
      for (let from = 0; from < share; from += 10) {
        const texts = Array.from({ length: Math.min(10, share - from) }, () => `Sentence ${said++}.`)
        for (const text of texts) socket.send({ type: 'say', text })
        for (const text of texts) await socket.next((frame) => frame.source_text === text)
      }
      socket.close()
      await socket.closed
    }
  }
  return { host, code, talk, said: () => said }
}

/** The numbers a client goes through when it opens a socket and resumes. */
const numbersOf = (socket: TestSocket): number[] =>
  socket.frames.flatMap((frame: Frame) => (frame.type === 'welcome' || frame.seq === undefined ? [] : [frame.seq]))

const textsOf = (socket: TestSocket) =>
  socket.frames.filter(({ type }) => type === 'caption').map(({ source_text }) => source_text)

async function resumed(app: MeetingApp, code: string, token: string, after_seq: number): Promise<TestSocket> {
  const socket = await app.enter(code, token)
  socket.send({ type: 'resume', after_seq })
  socket.send({ type: 'ping', id: 'resumed' })
  await socket.next('pong')
  return socket
}

for (const backend of backends) {
  t.test(`coming back, ${backend.name}`, async (t) => {
    const addresses = await backend.open(t)
    const state = addresses.redisUrl ? { state: await openRedisState(t, addresses.redisUrl) } : {}
    const app = await listen(t, { ...addresses, maxSocketsPerUser: 50 }, state)
    const { host, code, talk, said } = await talkative(app)
    const guest = (await app.join(code, undefined, { display_name: 'Gus' })).guest_token ?? ''
    const first = await app.enter(code, guest)
    await talk(1)
    const last = Number((await first.next('caption')).seq)
    first.close()
    await first.closed

    await t.test('after 500 events nothing is missed, nothing comes twice, and all is in order', async (t) => {
      await talk(500)
      const socket = await resumed(app, code, guest, last)
      t.strictSame(
        textsOf(socket),
        Array.from({ length: 500 }, (_, i) => `Sentence ${i + 1}.`),
      )
      const numbers = numbersOf(socket)
      t.strictSame(
        numbers,
        Array.from(numbers, (_, i) => last + 1 + i),
      )
      socket.close()
      await socket.closed
    })

    await t.test('who joins now, or anew, is not told what was said before; a host is', async (t) => {
      const before = said()
      const late = (await app.join(code, undefined, { display_name: 'Lea' })).guest_token ?? ''
      const socket = await resumed(app, code, late, last)
      t.strictSame(textsOf(socket), [])
      t.ok(
        socket.frames.some(({ type, seq }) => type === 'participant.left' && seq !== undefined),
        'what is not said comes',
      )
      await talk(1)
      await socket.next('caption')
      t.strictSame(textsOf(socket), [`Sentence ${before}.`])
      const lastSeen = Math.max(...numbersOf(socket))
      socket.close()
      await socket.closed
      await talk(2)
      const again = await resumed(app, code, late, lastSeen)
      t.strictSame(textsOf(again), [`Sentence ${before + 1}.`, `Sentence ${before + 2}.`])

      const owner = await resumed(app, code, host.token, last)
      t.equal(textsOf(owner).length, said() - 1)

      const user = await app.user()
      const { id } = (await app.join(code, user.token)).participant
      const plain = await resumed(app, code, user.token, last)
      t.strictSame(textsOf(plain), [])
      t.equal(await hostCalls(app, code, host.token).role(id, 'co_host'), 200)
      await plain.next((frame) => frame.type === 'participant.updated')
      t.equal(textsOf(await resumed(app, code, user.token, last)).length, said() - 1, 'a co-host may')
    })

    await t.test('beyond what is kept it is told to reload', async (t) => {
      await talk(600)
      const socket = await app.enter(code, guest)
      socket.send({ type: 'resume', after_seq: last })
      t.match(await socket.next('error'), { code: 'CONFLICT', ref: 'resume' })
      t.strictSame(textsOf(socket), [])
      await talk(1)
      await socket.next('caption')
    })
  })
}
