import { randomUUID } from 'node:crypto'
import t from 'tap'
import { LOBBY_PLACES, lobbyOf } from '../../services/meetings/capacity.ts'
import type { TransientEvent } from '../../state/room-events.ts'
import { LEASE_MS } from '../../state/socket-leases.ts'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'
import { createTestClock, until } from '../support/states.ts'

const refused = (code: string) => ({ code })

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const clock = createTestClock()
    const { meetings, another, rooms, participants, state, addUser, guest, events } = await openMeetings(
      t,
      backend,
      clock.now,
    )
    const host = await addUser({ full_name: 'Hanna' })

    type Settings = NonNullable<Parameters<typeof meetings.create>[1]['settings']>
    /** A room that its host is in, locked unless the settings say otherwise. */
    async function newRoom(settings: Settings = {}) {
      const { room_code } = await meetings.create(host, { name: 'Room', settings: { lock_room: true, ...settings } })
      await meetings.join(host, room_code, {})
      const id = (await rooms.findByCode(room_code))?.id ?? ''
      const heard: TransientEvent[] = []
      await state.roomEvents.subscribe(id, (event) => {
        if (event.seq === undefined) heard.push(event as TransientEvent)
      })
      const told = async (...types: string[]) => {
        await until(() => heard.length >= types.length)
        t.same(
          heard.splice(0).map(({ type }) => type),
          types,
        )
      }
      return { code: room_code, id, heard, told }
    }
    const knock = async (code: string, display_name = 'Guest') => {
      const { status, participant, guest_token } = await meetings.join(null, code, { display_name })
      return { status, participant, id: participant.id, principal: guest(guest_token) }
    }
    const names = (list: readonly { display_name: string }[] = []) => list.map(({ display_name }) => display_name)
    const lobbyNames = async (code: string) => names((await meetings.listPresent(host, code)).lobby)
    const insideNames = async (code: string) => names((await meetings.listPresent(host, code)).participants)
    const types = async (code: string) => (await events(code)).map(({ type }) => type)

    await t.test('into a locked room users and guests wait, and hosts are told; nobody else is', async (t) => {
      const { code, heard, told } = await newRoom()
      const inside = await types(code)
      const ana = await addUser({ full_name: 'Ana' })
      const { status, participant } = await meetings.join(ana, code, {})
      t.match({ status, participant }, { status: 'waiting', participant: { status: 'waiting', role: 'participant' } })
      const bo = await knock(code, 'Bo')
      t.equal(bo.status, 'waiting')
      await until(() => heard.length === 2)
      t.match(heard[0], { type: 'lobby.waiting', participant: { id: participant.id }, to: { hosts: true } })
      await told('lobby.waiting', 'lobby.waiting')
      t.same(await lobbyNames(code), ['Ana', 'Bo'])
      t.same(await insideNames(code), ['Hanna'])
      t.same(await types(code), inside)
      await meetings.join(ana, code, {})
      t.equal((await meetings.join(bo.principal, code, {})).participant.id, bo.id, 'knocking again is waiting on')
      t.same(await lobbyNames(code), ['Ana', 'Bo'])
      t.equal(heard.length, 0)
      t.equal((await meetings.list(ana, {})).total, 0, 'who waits has not taken part')
    })

    await t.test('hosts and those inside are not kept waiting', async (t) => {
      const { code } = await newRoom({ lock_room: false })
      const bo = await knock(code, 'Bo')
      const cleo = await addUser({ full_name: 'Cleo' })
      const { participant } = await meetings.join(cleo, code, {})
      await meetings.setRole(host, code, participant.id, 'co_host')
      await meetings.leave(cleo, code)
      await meetings.configure(host, code, { lock_room: true })
      t.equal((await meetings.join(host, code, {})).status, 'joined')
      t.equal((await meetings.join(bo.principal, code, {})).status, 'joined')
      t.match(await meetings.join(cleo, code, {}), { status: 'joined', participant: { role: 'co_host' } })
    })

    await t.test('one who waits sees the room and leaves; everything else is refused', async (t) => {
      const { code, told } = await newRoom()
      const bo = await knock(code)
      t.equal((await meetings.get(bo.principal, code)).room_code, code)
      t.match(await meetings.participation(bo.principal, code), { participant: { status: 'waiting' } })
      t.ok((await meetings.issueTicket(bo.principal, code, '')).ticket)
      await t.rejects(meetings.listPresent(bo.principal, code), refused('FORBIDDEN'))
      const { room, participant } = await meetings.participation(bo.principal, code)
      await t.rejects(meetings.setState(room, participant, { hand: true }), refused('FORBIDDEN'))
      await meetings.leave(bo.principal, code)
      await told('lobby.waiting', 'lobby.left')
      t.same(await lobbyNames(code), [])
      t.ok(await state.revocations.isRevoked(`g:${bo.id}`, bo.id))
      const ana = await addUser()
      await meetings.join(ana, code, {})
      await meetings.leave(ana, code)
      await t.rejects(meetings.get(ana, code), refused('NOT_FOUND'), 'who never was inside is a stranger again')
    })

    await t.test('admitting lets in: told to the room, to hosts and to the one let in, once', async (t) => {
      const { code, id, heard, told } = await newRoom()
      const bo = await knock(code, 'Bo')
      await told('lobby.waiting')
      const before = Date.now()
      const admitted = await meetings.admit(host, code, bo.id)
      t.match(admitted, { id: bo.id, status: 'joined' })
      t.ok(Date.parse(admitted.joined_at) >= before, 'it joined when it was let in')
      t.same(await meetings.admit(host, code, bo.id), admitted)
      await until(() => heard.length > 0)
      t.match(heard, [
        { type: 'lobby.admitted', participant: { id: bo.id }, to: { hosts: true, participants: [bo.id] } },
      ])
      t.match((await events(code)).at(-1), { type: 'participant.joined', participant: { id: bo.id } })
      t.equal((await types(code)).filter((type) => type === 'participant.joined').length, 2)
      t.same(await insideNames(code), ['Hanna', 'Bo'])
      t.same(await state.presence.list(lobbyOf(id)), [])
      t.same(new Set(await state.presence.listening(id)), new Set(['es', 'en']))
      await t.rejects(meetings.reject(host, code, bo.id), refused('CONFLICT'))
    })

    await t.test('rejecting sends away; the same one may knock again', async (t) => {
      const { code, told } = await newRoom()
      const bo = await knock(code, 'Bo')
      await meetings.reject(host, code, bo.id)
      await meetings.reject(host, code, bo.id)
      await told('lobby.waiting', 'lobby.rejected')
      t.same(await lobbyNames(code), [])
      for (const call of [meetings.get, meetings.participation, meetings.leave, meetings.listPresent])
        await t.rejects(async () => void (await call(bo.principal, code)), refused('FORBIDDEN'))
      await t.rejects(meetings.admit(host, code, bo.id), refused('NOT_FOUND'))
      t.match(await meetings.join(bo.principal, code, {}), { status: 'waiting', participant: { id: bo.id } })
      await meetings.admit(host, code, bo.id)
      t.same(await insideNames(code), ['Hanna', 'Bo'])
      for (const call of [meetings.admit, meetings.reject])
        await t.rejects(async () => void (await call(host, code, randomUUID())), refused('NOT_FOUND'))
    })

    await t.test('admit-all lets in the oldest until the room is full, and says who waits on', async (t) => {
      const { code } = await newRoom({ max_participants: 3 })
      for (const name of ['A', 'B', 'C', 'D']) await knock(code, name)
      const answer = await meetings.admitAll(host, code)
      t.same(
        [names(answer.admitted), names(answer.waiting)],
        [
          ['A', 'B'],
          ['C', 'D'],
        ],
      )
      t.same(await insideNames(code), ['Hanna', 'A', 'B'])
      const [next] = answer.waiting
      await t.rejects(meetings.admit(host, code, next?.id ?? ''), refused('ROOM_FULL'))
      t.same(await lobbyNames(code), ['C', 'D'], 'who does not fit waits on')
      t.same(names((await meetings.rejectAll(host, code)).rejected), ['C', 'D'])
      t.same(await lobbyNames(code), [])
      t.same(await meetings.admitAll(host, code), { admitted: [], waiting: [] })
    })

    await t.test(
      'hosts on two processes that let in at once keep to the capacity, and each is told once',
      async (t) => {
        const { code } = await newRoom({ max_participants: 5 })
        const other = await another()
        const guests = await Promise.all(Array.from({ length: 12 }, (_, index) => knock(code, `Guest ${index}`)))
        const answers = await Promise.allSettled([
          meetings.admitAll(host, code),
          other.admitAll(host, code),
          ...guests.flatMap(({ id }) => [meetings.admit(host, code, id), other.admit(host, code, id)]),
        ])
        for (const answer of answers) if (answer.status === 'rejected') t.match(answer.reason, refused('ROOM_FULL'))
        t.equal((await insideNames(code)).length, 5)
        t.equal((await lobbyNames(code)).length, 8)
        const joined = (await events(code)).filter(({ type }) => type === 'participant.joined')
        t.equal(new Set(joined.map(({ participant }) => (participant as { id: string }).id)).size, 5)
        t.equal(joined.length, 5)
      },
    )

    await t.test('of letting in, sending away and leaving at once one thing comes about', async (t) => {
      const { code, id } = await newRoom()
      const other = await another()
      for (let round = 0; round < 6; round += 1) {
        const bo = await knock(code, `Guest ${round}`)
        await Promise.allSettled([
          meetings.admit(host, code, bo.id),
          other.reject(host, code, bo.id),
          meetings.leave(bo.principal, code),
        ])
        const status = (await participants.find(id, bo.id))?.status ?? ''
        const present = (await state.presence.list(id)).includes(bo.id)
        t.match(status, /^(joined|rejected|withdrawn|left)$/)
        t.equal(present, status === 'joined', status)
        t.notOk((await state.presence.list(lobbyOf(id))).includes(bo.id))
      }
    })

    await t.test('unlocking leaves those who wait to the hosts; whoever comes now is let in', async (t) => {
      const { code, told } = await newRoom()
      const bo = await knock(code, 'Bo')
      await meetings.configure(host, code, { lock_room: false })
      t.same(await lobbyNames(code), ['Bo'])
      t.equal((await knock(code, 'Cy')).status, 'joined')
      t.equal((await meetings.join(bo.principal, code, {})).status, 'joined', 'also one who waited, if it knocks again')
      await told('lobby.waiting', 'lobby.admitted')
      t.same(await lobbyNames(code), [])
    })

    await t.test('the lobby holds so many, and none of a room that allows no guests', async (t) => {
      const { code } = await newRoom()
      await Promise.all(Array.from({ length: LOBBY_PLACES }, (_, index) => knock(code, `Guest ${index}`)))
      await t.rejects(knock(code), refused('ROOM_FULL'))
      await meetings.join(host, code, {})
      await t.rejects(knock((await newRoom({ allow_guests: false })).code), refused('FORBIDDEN'))
    })

    await t.test('sockets hold a place at the door, and take one inside when let in', async (t) => {
      const { code, id, told } = await newRoom()
      const bo = await knock(code, 'Bo')
      const { room, participant } = await meetings.participation(bo.principal, code)
      t.equal((await meetings.enterSocket(room, participant, 'one')).status, 'waiting')
      t.match(await meetings.lobby(id), [{ id: bo.id }])
      await meetings.leaveSocket(id, bo.id, 'one')
      await told('lobby.waiting', 'lobby.left')
      t.same(await meetings.lobby(id), [])
      await meetings.enterSocket(room, participant, 'two')
      await told('lobby.waiting')
      await meetings.admit(host, code, bo.id)
      t.equal((await meetings.enterSocket(room, participant, 'two')).status, 'joined', 'with what it knew before, too')
      t.same(await state.presence.list(lobbyOf(id)), [])
      await meetings.leaveSocket(id, bo.id, 'two')
      t.match((await events(code)).at(-1), { type: 'participant.left', reason: 'gone', participant: { id: bo.id } })
    })

    await t.test('those who wait and died without a word are told to hosts once', async (t) => {
      const { code, id, told } = await newRoom()
      const bo = await knock(code, 'Bo')
      clock.advance(LEASE_MS + 1)
      t.same(await meetings.lobby(id), [])
      await meetings.sweep(id)
      await meetings.sweep(id)
      await told('lobby.waiting', 'lobby.left')
      await meetings.admit(host, code, bo.id)
      t.ok((await state.presence.list(id)).includes(bo.id), 'it may still be let in')
    })

    await t.test('who waits chooses its languages before it comes in', async (t) => {
      const { code, heard } = await newRoom()
      const bo = await knock(code, 'Bo')
      const { room, participant } = await meetings.participation(bo.principal, code)
      const before = await types(code)
      await meetings.setLanguages(room, participant, { listening: 'fr', spoken_output: true })
      await until(() => heard.length === 2)
      t.match(heard[1], { type: 'participant.updated', to: { hosts: true, participants: [bo.id] } })
      t.same(await types(code), before)
      t.match(await meetings.admit(host, code, bo.id), { listening_language: 'fr' })
    })

    await t.test('the end of a room ends what waits, too', async (t) => {
      const { code, id } = await newRoom()
      const bo = await knock(code)
      await meetings.end(host, code)
      t.ok(await state.revocations.isRevoked(`g:${bo.id}`, bo.id))
      t.same(await state.presence.list(lobbyOf(id)), [])
      await t.rejects(meetings.participation(bo.principal, code), refused('ROOM_ENDED'))
      for (const call of [meetings.admitAll, meetings.rejectAll])
        await t.rejects(async () => void (await call(host, code)), refused('ROOM_ENDED'))
      await t.rejects(meetings.admit(host, code, bo.id), refused('ROOM_ENDED'))
    })

    await t.test('state is shown to the room, and begins anew with each participation', async (t) => {
      const { code } = await newRoom({ lock_room: false })
      const ana = await addUser()
      await meetings.join(ana, code, {})
      const { room, participant } = await meetings.participation(ana, code)
      await meetings.setState(room, participant, { hand: true, muted: true })
      await meetings.setState(room, participant, { hand: false })
      t.match((await events(code)).at(-1), {
        type: 'participant.updated',
        participant: { state: { muted: true, hand: false, camera: false } },
      })
      t.match((await meetings.join(ana, code, {})).participant.state, { muted: true }, 'kept by one who is inside')
      await meetings.leave(ana, code)
      t.match((await meetings.join(ana, code, {})).participant.state, { muted: false, hand: false, camera: false })
    })

    await t.test('since when one is inside: the entry, not a reconnect; anew after a leave', async (t) => {
      const { code } = await newRoom({ lock_room: false })
      const ana = await addUser()
      const first = (await meetings.join(ana, code, {})).participant.joined_at
      await until(() => Date.now() > Date.parse(first))
      t.equal((await meetings.join(ana, code, {})).participant.joined_at, first)
      await meetings.leave(ana, code)
      t.not((await meetings.join(ana, code, {})).participant.joined_at, first)
    })
  })
}
