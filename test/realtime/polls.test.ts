import { Value } from '@sinclair/typebox/value'
import { Redis } from 'ioredis'
import t from 'tap'
import { registerFormats } from '../../schemas/common.ts'
import { SERVER_MESSAGES } from '../../schemas/meeting-socket.ts'
import type { PollResults, PollShown } from '../../schemas/polls.ts'
import { openPair } from '../support/app-pair.ts'
import { backends } from '../support/backends.ts'
import { send } from '../support/client.ts'
import { markingTranslator, openPollApp, pollCalls } from '../support/poll-app.ts'
import type { Frame, TestSocket } from '../support/socket-client.ts'

registerFormats()

type PollFrame = Frame & { poll: PollShown; results?: PollResults }
const isPoll = ({ type }: Frame) => type.startsWith('poll.')

/** The next frame of a type about a poll; with as many voters, where they are told. */
async function about(socket: TestSocket, type: string, id: string, voters?: number): Promise<PollFrame> {
  const isIt = (frame: Frame) => {
    const { poll, results } = frame as PollFrame
    return frame.type === type && poll.id === id && (voters === undefined || results?.voter_count === voters)
  }
  return (await socket.next(isIt)) as PollFrame
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const app = await openPollApp(t, backend, { maxSocketsPerUser: 50 })
    const { opened, ask, open, close, vote, remove, requests } = app
    const [host, ana, luc] = [await app.user('en'), await app.user('es'), await app.user('fr')]

    async function meeting() {
      const code = await app.room(host)
      for (const { token } of [ana, luc]) await app.join(code, token)
      const [hosts, spanish, french] = [
        await app.enter(code, host.token),
        await app.enter(code, ana.token),
        await app.enter(code, luc.token),
      ]
      return { code, hosts, spanish, french, all: [hosts, spanish, french] }
    }

    await t.test('each reads the question in its language, and watches the result grow', async (t) => {
      const { code, all } = await meeting()
      const id = await opened(code, host.token, { question: 'Grow?', options: ['Yes', 'No'] })
      const frames = await Promise.all(all.map((socket) => about(socket, 'poll.opened', id)))
      for (const frame of frames) {
        const errors = [...Value.Errors(SERVER_MESSAGES['poll.opened'], frame)]
        t.same(errors, [], JSON.stringify(frame))
        t.match(frame, { seq: Number, poll: { source_question: 'Grow?' }, results: { voter_count: 0, final: false } })
      }
      t.match(frames[0]?.poll, {
        question: 'Grow?',
        translation: 'original',
        options: [{ text: 'Yes' }, { text: 'No' }],
      })
      t.match(frames[1]?.poll, {
        question: 'Grow? in es',
        translation: 'translated',
        options: [{ text: 'Yes in es' }, {}],
      })
      t.match(frames[2]?.poll, { question: 'Grow? in fr', language: 'fr', options: [{}, { text: 'No in fr' }] })
      await vote(id, ana.token, '1')
      for (const socket of all) {
        const frame = await about(socket, 'poll.updated', id, 1)
        t.same([...Value.Errors(SERVER_MESSAGES['poll.updated'], frame)], [])
        t.notOk('seq' in frame)
        t.match(frame.results?.options, [{ votes: 1, voters: [{ display_name: 'Ana Pérez' }] }, { votes: 0 }])
      }
      await vote(id, luc.token, '2')
      await close(id, host.token)
      for (const socket of all) {
        const frame = await about(socket, 'poll.closed', id, 2)
        t.match(frame, { seq: Number, poll: { status: 'closed' }, results: { final: true } })
      }
      for (const socket of all) {
        const types = socket.frames.filter(isPoll).map(({ type }) => type)
        t.equal(types.at(-1), 'poll.closed', 'and nothing after it')
      }
      t.equal(requests.filter(({ text }) => text === 'Grow?').length, 2, 'once a language')
    })

    await t.test('who may see the result is told it, and nobody else', async (t) => {
      for (const results of ['on_close', 'hosts']) {
        const { code, hosts, spanish } = await meeting()
        const id = await opened(code, host.token, { results, anonymous: true })
        await vote(id, ana.token, '1')
        t.match(await about(hosts, 'poll.opened', id), { results: { voter_count: 0 } })
        const { options } = (await about(hosts, 'poll.updated', id, 1)).results ?? {}
        t.strictSame(options, [
          { id: '1', votes: 1 },
          { id: '2', votes: 0 },
          { id: '3', votes: 0 },
        ])
        await close(id, host.token)
        t.match(await about(hosts, 'poll.closed', id), { results: { voter_count: 1 } })
        const last = await about(spanish, 'poll.closed', id)
        t.same('results' in last, results === 'on_close')
        const seen = spanish.frames.filter(isPoll)
        t.same(
          seen.map(({ type }) => type),
          ['poll.opened', 'poll.closed'],
        )
        t.notOk('results' in (seen[0] ?? {}))
        t.notMatch(JSON.stringify(hosts.frames.filter(isPoll)), /voters|your_vote|tally/)
      }
    })

    await t.test('who comes back reads what it missed, also in a language that nobody had', async (t) => {
      const { code, hosts, spanish } = await meeting()
      const from = Math.max(...spanish.frames.map(({ seq }) => seq ?? 0))
      const made = await ask(code, host.token, { question: 'Missed?', options: ['Yes', 'No'], language: 'en' })
      await open(made.body.id, host.token)
      await vote(made.body.id, luc.token, '2')
      await close(made.body.id, host.token)
      await about(hosts, 'poll.closed', made.body.id)
      const ida = await app.user('es')
      await app.join(code, ida.token)
      const late = await app.enter(code, ida.token)
      late.send({ type: 'resume', after_seq: from })
      const frames = [await about(late, 'poll.opened', made.body.id), await about(late, 'poll.closed', made.body.id)]
      for (const { poll } of frames) t.match(poll, { question: 'Missed? in es', translation: 'translated' })
      t.match(frames[1]?.results, { final: true, voter_count: 1 })
    })

    await t.test('one who waits sees no poll; one who is let in sees the next', async (t) => {
      const { code, hosts } = await meeting()
      const path = `/api/v1/meetings/${code}`
      await send(app.base, 'PATCH', `${path}/config`, { token: host.token, body: { lock_room: true } })
      const ida = await app.user('es')
      const { participant } = await app.join(code, ida.token)
      const waiting = await app.enter(code, ida.token)
      const first = await opened(code, host.token)
      await about(hosts, 'poll.opened', first)
      await app.post(`${path}/admit/${participant.id}`, host.token)
      await waiting.next(
        ({ type, participant }) => type === 'welcome' && (participant as { status: string }).status === 'joined',
      )
      const second = await opened(code, host.token)
      await about(waiting, 'poll.opened', second)
      t.same(
        waiting.frames.filter(isPoll).map((frame) => (frame as PollFrame).poll.id),
        [second],
      )
    })

    await t.test('a poll that goes, by itself or with its room, is closed on the sockets before', async (t) => {
      const { code, spanish } = await meeting()
      const [deleted, ended] = [await opened(code, host.token), await opened(code, host.token)]
      await vote(ended, ana.token, '1')
      await remove(deleted, host.token)
      await about(spanish, 'poll.closed', deleted)
      await app.post(`/api/v1/meetings/${code}/end`, host.token)
      t.match(await about(spanish, 'poll.closed', ended), { results: { final: true, voter_count: 1 } })
      await spanish.next('room.ended')
    })
  })
}

t.test('an asker who has nothing left asks in one language', async (t) => {
  const [embedded] = backends
  if (!embedded) return
  const app = await openPollApp(t, embedded, { allowanceCharactersPerDay: 30 })
  const [host, ana] = [await app.user('en'), await app.user('es')]
  const code = await app.room(host)
  await app.join(code, ana.token)
  const spanish = await app.enter(code, ana.token)
  const id = await app.opened(code, host.token, { question: 'A question of more than thirty characters?' })
  t.match(await about(spanish, 'poll.opened', id), { poll: { translation: 'untranslated', language: 'en' } })
  await app.vote(id, ana.token, '1')
  t.match(await about(spanish, 'poll.updated', id), { poll: { translation: 'untranslated' } })
  t.equal(app.requests.length, 0, 'nobody works for nothing')
})

t.test('two processes', async (t) => {
  const { translator } = markingTranslator()
  const { redis, one, two } = await openPair(t, {}, [{ translator }, { translator: markingTranslator().translator }])
  const direct = new Redis(redis.url)
  t.teardown(() => direct.disconnect())
  const [first, second] = [pollCalls(one), pollCalls(two)]
  const [host, ana, ben] = [await one.user('en'), await one.user('es'), await one.user('en')]
  const code = await one.room(host)
  const { participant } = await two.join(code, ana.token)
  await two.join(code, ben.token)
  const [here, there] = [await one.enter(code, host.token), await two.enter(code, ana.token)]

  await t.test('a poll of one is voted in at the other, and grows on both', async (t) => {
    const id = await first.opened(code, host.token, { question: 'Where?' })
    t.match(await about(there, 'poll.opened', id), { poll: { question: 'Where? in es' } })
    t.equal((await second.vote(id, ana.token, '1')).status, 202)
    t.equal((await first.vote(id, ben.token, '2')).status, 202)
    for (const socket of [here, there]) await about(socket, 'poll.updated', id, 2)
    t.equal((await second.close(id, host.token)).status, 200)
    for (const socket of [here, there]) t.match(await about(socket, 'poll.closed', id), { results: { voter_count: 2 } })
    for (const calls of [first, second]) t.equal((await calls.vote(id, ana.token, '1')).status, 409)
    t.match(here.frames.filter(({ type }) => type === 'poll.closed').length, 1)
  })

  await t.test('votes and a close from both sides: what was accepted is counted, exactly', async (t) => {
    const people = await Promise.all(
      Array.from(
        { length: 24 },
        async (_, i) => (await one.join(code, undefined, { display_name: `Guest ${i}` })).guest_token,
      ),
    )
    const id = await first.opened(code, host.token)
    const votes = people.map((token, i) => (i % 2 ? first : second).vote(id, token, String((i % 3) + 1)))
    await Promise.race(votes)
    await Promise.all([first.close(id, host.token), second.close(id, host.token)])
    const accepted = (await Promise.all(votes)).map(({ status }) => status === 202)
    const of = (option: number) => accepted.filter((isIt, i) => isIt && (i % 3) + 1 === option).length
    t.same(await second.counts(id, host.token), [accepted.filter(Boolean).length, of(1), of(2), of(3)])
  })

  await t.test('Redis that comes back empty knows the poll again by its first vote', async (t) => {
    const changeable = await first.opened(code, host.token)
    const final = await first.opened(code, host.token, { changeable: false })
    for (const id of [changeable, final]) {
      await second.vote(id, ben.token, '1')
      await about(here, 'poll.updated', id, 1)
    }
    await direct.flushall()
    t.equal((await second.vote(changeable, ben.token, '2')).status, 202)
    t.equal((await second.vote(final, ben.token, '2')).status, 409, 'it had voted')
    t.equal((await first.vote(final, ana.token, '2')).status, 202)
    for (const id of [changeable, final]) t.equal((await first.close(id, host.token)).status, 200)
    t.same(await first.counts(changeable, host.token), [1, 0, 1, 0])
    t.same(await first.counts(final, host.token), [2, 1, 1, 0])
  })

  await t.test('who is put out at one votes no more at the other', async (t) => {
    const id = await first.opened(code, host.token)
    t.equal((await second.vote(id, ana.token, '1')).status, 202)
    await one.post(`/api/v1/meetings/${code}/kick/${participant.id}`, host.token)
    t.equal(await there.closed, 4403)
    t.equal((await second.vote(id, ana.token, '2')).status, 403)
    await first.close(id, host.token)
    t.same(await first.counts(id, host.token), [1, 1, 0, 0])
  })
})
