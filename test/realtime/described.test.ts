import t from 'tap'
import { SERVER_MESSAGES } from '../../schemas/meeting-socket.ts'
import { backends } from '../support/backends.ts'
import { requireDescribed } from '../support/described-frames.ts'
import { countingSynthesizer } from '../support/engine-doubles.ts'
import { openPollApp } from '../support/poll-app.ts'
import type { TestSocket } from '../support/socket-client.ts'

// The client of the tests fails on a frame that is not as described; here every type of frame comes once.
for (const backend of backends) {
  t.test(`${backend.name}: every kind of frame of a meeting is as the document describes it`, async (t) => {
    const engines = { synthesizers: [countingSynthesizer().synthesizer] }
    const app = await openPollApp(t, backend, { maxSocketsPerUser: 50 }, { engines })
    const [ben, ana] = [await app.user('en'), await app.user('en')]
    const code = await app.room(ben)
    const anaId = (await app.join(code, ana.token)).participant.id
    const sockets: TestSocket[] = []
    const enter = async (token: string) => {
      const socket = await app.enter(code, token)
      sockets.push(socket)
      return socket
    }
    const host = await enter(ben.token)
    const other = await enter(ana.token)

    other.send({ type: 'language.set', speaking: 'es', listening: 'en', spoken_output: true })
    await host.next('participant.updated')
    host.send({ type: 'say', text: 'Good', id: 'a', final: false })
    host.send({ type: 'say', text: 'Good morning', id: 'a', revision: 1 })
    await other.next('speech')
    other.send({ type: 'state.set', hand: true })
    host.send({ type: 'signal', to: anaId, kind: 'offer', payload: { sdp: 'v=0' } })
    await other.next('signal')
    host.send({ type: 'signal', to: 'nobody', kind: 'bye' })
    host.send({ type: 'ping', id: '1' })
    await host.next('pong')

    const pollId = await app.opened(code, ben.token)
    await app.vote(pollId, ana.token, '1')
    await other.next((frame) => frame.type === 'poll.updated')
    await app.close(pollId, ben.token)
    await other.next('poll.closed')
    await app.remove(pollId, ben.token)
    await other.next('poll.deleted')

    await app.call('PATCH', `/meetings/${code}/config`, ben.token, { lock_room: true })
    const knock = async () => {
      const { guest_token = '', participant } = await app.join(code, undefined, { display_name: 'Gus' })
      return { id: participant.id, token: guest_token, socket: await enter(guest_token) }
    }
    const [admitted, rejected, leaving] = [await knock(), await knock(), await knock()]
    await app.post(`/api/v1/meetings/${code}/admit/${admitted.id}`, ben.token)
    await admitted.socket.next('lobby.admitted')
    await app.post(`/api/v1/meetings/${code}/reject/${rejected.id}`, ben.token)
    await rejected.socket.next('lobby.rejected')
    await app.post(`/api/v1/meetings/${code}/leave`, leaving.token)
    await host.next('lobby.left')
    const late = await enter(ben.token)
    late.send({ type: 'resume', after_seq: 0 })
    await app.post(`/api/v1/meetings/${code}/kick/${admitted.id}`, ben.token)
    await host.next('participant.left')
    await app.post(`/api/v1/meetings/${code}/end`, ben.token)
    await Promise.all(sockets.map(({ closed }) => closed))

    const seen = new Set(sockets.flatMap(({ frames }) => frames.map(({ type }) => type)))
    t.same([...seen].sort(), Object.keys(SERVER_MESSAGES).sort())
    const [welcome] = host.frames
    t.throws(() => requireDescribed({ ...welcome, type: 'welcome', extra: 1 } as never), /not as described/)
    t.throws(() => requireDescribed({ type: 'caption' }), /not as described/)
  })
}
