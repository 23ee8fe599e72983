import { randomUUID } from 'node:crypto'
import t from 'tap'
import { openPair } from '../support/app-pair.ts'
import type { Frame, TestSocket } from '../support/socket-client.ts'

/** Resolves when the server has answered everything sent to it before. */
async function settled(socket: TestSocket): Promise<void> {
  const id = randomUUID()
  socket.send({ type: 'ping', id })
  await socket.next((frame) => frame.type === 'pong' && frame.id === id)
}

const signals = ({ frames }: TestSocket) => frames.filter(({ type }: Frame) => type === 'signal')

t.test('signals between participants on two processes', async (t) => {
  const { one, two } = await openPair(t)
  const [ben, ana, eve] = [await one.user(), await one.user(), await one.user()]
  const code = await one.room(ben)
  const idOf = async (user: typeof ben) => (await two.join(code, user.token)).participant.id
  const [benId, anaId, eveId] = [await idOf(ben), await idOf(ana), await idOf(eve)]
  const bens = [await one.enter(code, ben.token), await two.enter(code, ben.token)] as const
  const anas = [await one.enter(code, ana.token), await two.enter(code, ana.token)] as const
  const eves = await two.enter(code, eve.token)
  const [sender] = bens

  await t.test('each reaches every socket of the one it is for, on both processes, and nobody else', async (t) => {
    const payload = { sdp: 'v=0\r\n', candidates: [{ port: 1 }, null, 'x', 1e3, false] }
    for (const kind of ['offer', 'answer', 'ice']) {
      sender.send({ type: 'signal', to: anaId, kind, payload })
      for (const socket of anas) {
        const { at, ...frame } = await socket.next('signal')
        t.strictSame(frame, { type: 'signal', from: benId, kind, payload })
        t.type(at, 'string')
      }
    }
    sender.send({ type: 'signal', to: anaId, kind: 'bye', payload: null })
    for (const socket of anas) t.match(await socket.next('signal'), { kind: 'bye', payload: null })
    await Promise.all([...bens, eves].map(settled))
    for (const socket of [...bens, eves]) t.strictSame(signals(socket), [])
  })

  await t.test('who is not in the room cannot be reached: the answer is NOT_FOUND', async (t) => {
    const elsewhere = await one.room(eve)
    const other = (await one.join(elsewhere, ana.token)).participant.id
    for (const to of ['nobody', randomUUID(), other, benId]) {
      sender.send({ type: 'signal', to, kind: 'offer', payload: {} })
      t.match(await sender.next('error'), { code: 'NOT_FOUND', ref: 'signal' }, to)
    }
    await Promise.all([...bens, ...anas].map(settled))
    t.equal(signals(anas[0]).length, 4)
    t.equal(signals(sender).length, 0)
  })

  await t.test('who has left is reached no more', async (t) => {
    t.equal(await one.post(`/api/v1/meetings/${code}/leave`, eve.token), 204)
    t.equal(await eves.closed, 1000)
    sender.send({ type: 'signal', to: eveId, kind: 'offer', payload: {} })
    t.match(await sender.next('error'), { code: 'NOT_FOUND', ref: 'signal' })
  })

  await t.test('a frame that names a sender, or lacks a receiver, is bad', async (t) => {
    sender.send({ type: 'signal', to: anaId, from: eveId, kind: 'offer', payload: {} })
    t.match(await sender.next('error'), { code: 'VALIDATION_ERROR', ref: 'signal' })
    sender.send({ type: 'signal', kind: 'offer', payload: {} })
    t.match(await sender.next('error'), { code: 'VALIDATION_ERROR', ref: 'signal' })
  })

  await t.test('muted, hand and camera are told to everybody and to who comes later', async (t) => {
    sender.send({ type: 'state.set', hand: true, muted: true })
    const state = { muted: true, hand: true, camera: false }
    const about = (frame: Frame) => frame.type === 'participant.updated'
    for (const socket of [...bens, ...anas]) t.match(await socket.next(about), { participant: { id: benId, state } })
    const later = await two.open(code, ana.token)
    const { participants } = await later.next('welcome')
    t.match(
      (participants as { id: string }[]).find(({ id }) => id === benId),
      { state },
    )
  })

  await t.test('spoken output is accepted', async (t) => {
    sender.send({ type: 'language.set', spoken_output: true })
    await settled(sender)
    t.strictSame(
      sender.frames.filter(({ ref }) => ref === 'language.set'),
      [],
    )
  })
})
