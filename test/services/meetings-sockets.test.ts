import { randomUUID } from 'node:crypto'
import t from 'tap'
import { LEASE_MS } from '../../state/socket-leases.ts'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'
import { createTestClock } from '../support/states.ts'

const refused = (code: string) => ({ code })

for (const backend of backends) {
  t.test(`${backend.name}: participations on sockets`, async (t) => {
    const { meetings, state, events, addUser } = await openMeetings(t, backend)
    const host = await addUser({ full_name: 'Hanna' })
    const enter = async () => {
      const { room_code } = await meetings.create(host, { name: 'Sockets', settings: { max_participants: 2 } })
      const ana = await addUser()
      await meetings.join(ana, room_code, {})
      return { room_code, ana, ...(await meetings.participation(ana, room_code)) }
    }
    const types = async (roomCode: string) => (await events(roomCode)).map(({ type }) => type)

    await t.test('the first socket takes over from the call that joined, and the last one gone is told', async (t) => {
      const { room, participant, room_code } = await enter()
      await meetings.enterSocket(room, participant, 'one')
      await meetings.enterSocket(room, participant, 'two')
      await meetings.leaveSocket(room.id, participant.id, 'one')
      t.same(await types(room_code), ['participant.joined'])
      t.match(await meetings.present(room.id), [{ id: participant.id }])
      await meetings.leaveSocket(room.id, participant.id, 'two')
      t.same(await types(room_code), ['participant.joined', 'participant.left'])
      t.same(await meetings.present(room.id), [])
      const back = await meetings.enterSocket(room, participant, 'three')
      t.equal(back.id, participant.id)
      t.same(await types(room_code), ['participant.joined', 'participant.left', 'participant.joined'])
      t.same(await state.presence.listening(room.id), [participant.listening_language])
    })

    await t.test('one that leaves is told once, although its socket closes after it', async (t) => {
      const { room, participant, room_code, ana } = await enter()
      await meetings.enterSocket(room, participant, 'one')
      await meetings.leave(ana, room_code)
      await meetings.leaveSocket(room.id, participant.id, 'one')
      t.same(await types(room_code), ['participant.joined', 'participant.left'])
      await t.rejects(meetings.enterSocket(room, participant, 'two'), refused('FORBIDDEN'))
      t.same(await state.presence.list(room.id), [])
    })

    await t.test('no socket enters a full or an ended room, and a refused one leaves nothing behind', async (t) => {
      const { room, participant, room_code } = await enter()
      await meetings.enterSocket(room, participant, 'one')
      await meetings.leaveSocket(room.id, participant.id, 'one')
      await meetings.join(host, room_code, {})
      await meetings.join(await addUser(), room_code, {})
      await t.rejects(meetings.enterSocket(room, participant, 'two'), refused('ROOM_FULL'))
      await meetings.end(host, room_code)
      await t.rejects(meetings.enterSocket(room, participant, 'three'), refused('ROOM_ENDED'))
      t.same(await state.presence.list(room.id), [])
    })

    await t.test('a sweep of a living room tells nothing', async (t) => {
      const { room, room_code } = await enter()
      await meetings.sweep(room.id)
      t.same(await types(room_code), ['participant.joined'])
    })

    await t.test('languages change one by one, are kept, and the room is told', async (t) => {
      const { room, participant, room_code, ana } = await enter()
      t.match(await meetings.setLanguages(room, participant, { listening: 'de' }), {
        speaking_language: 'es',
        listening_language: 'de',
      })
      t.same(await state.presence.listening(room.id), ['de'])
      await meetings.setLanguages(room, participant, { speaking: 'fr' })
      t.match((await meetings.participation(ana, room_code)).participant, {
        speaking_language: 'fr',
        listening_language: 'de',
      })
      t.match((await events(room_code)).at(-1), {
        type: 'participant.updated',
        participant: { id: participant.id, speaking_language: 'fr', listening_language: 'de' },
      })
      await t.rejects(meetings.setLanguages(room, { id: randomUUID() }, { speaking: 'fr' }), refused('NOT_FOUND'))
    })
  })

  t.test(`${backend.name}: those whose connections died without a word are told once, and may come back`, async (t) => {
    const clock = createTestClock()
    const { meetings, events, addUser } = await openMeetings(t, backend, clock.now)
    const ana = await addUser()
    const { room_code } = await meetings.create(ana, { name: 'Room' })
    await meetings.join(ana, room_code, {})
    const { room, participant } = await meetings.participation(ana, room_code)
    await meetings.enterSocket(room, participant, 'one')
    clock.advance(LEASE_MS + 1)
    t.same(await meetings.present(room.id), [])
    await meetings.sweep(room.id)
    await meetings.sweep(room.id)
    await meetings.leaveSocket(room.id, participant.id, 'one')
    const types = async () => (await events(room_code)).map(({ type }) => type)
    t.same(await types(), ['participant.joined', 'participant.left'])
    await meetings.enterSocket(room, participant, 'two')
    clock.advance(LEASE_MS + 1)
    await meetings.leave(ana, room_code)
    t.same((await types()).slice(2), ['participant.joined', 'participant.left'], 'also when it leaves before the sweep')
  })
}
