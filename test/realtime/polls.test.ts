import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { registerFormats } from '../../schemas/common.ts'
import { SERVER_MESSAGES } from '../../schemas/meeting-socket.ts'
import { backends } from '../support/backends.ts'
import { send } from '../support/client.ts'
import { about, isPoll, openPollApp, type PollFrame } from '../support/poll-app.ts'

registerFormats()

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
      t.match(await spanish.next('poll.deleted'), { poll_id: deleted })
      const { body: draft } = await ask(code, host.token)
      await remove(draft.id, host.token)
      await app.post(`/api/v1/meetings/${code}/end`, host.token)
      t.match(await about(spanish, 'poll.closed', ended), { results: { final: true, voter_count: 1 } })
      await spanish.next('room.ended')
      t.equal(spanish.frames.filter(({ type }) => type === 'poll.deleted').length, 1, 'nobody heard of the draft')
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
