import t, { type Test } from 'tap'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'

const refused = (code: string) => ({ code })

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const world = await openMeetings(t, backend)
    const { meetings, rooms, state, addUser, guest, events } = world
    const host = await addUser({ full_name: 'Hanna' })
    const stranger = await addUser()

    type Settings = NonNullable<Parameters<typeof meetings.create>[1]['settings']>
    const makeRoom = async (settings: Settings = {}) =>
      (await meetings.create(host, { name: 'Stand-up', settings })).room_code
    const idOf = async (roomCode: string) => (await rooms.findByCode(roomCode))?.id ?? ''
    const joinGuest = async (roomCode: string, display_name = 'Guest') => {
      const { participant, guest_token } = await meetings.join(null, roomCode, { display_name })
      return { participant, principal: guest(guest_token) }
    }
    const types = async (roomCode: string) => (await events(roomCode)).map(({ type }) => type)
    const presentNames = async (roomCode: string) =>
      (await meetings.listPresent(host, roomCode)).participants.map(({ display_name }) => display_name)

    await t.test('a new room has an unguessable code, a link and the wanted settings', async (t) => {
      const room = await meetings.create(host, { name: '  Cafe\u0301 ', settings: { max_participants: 5 } })
      t.match(room.room_code, /^[a-z2-7]{26}$/)
      t.match(room, {
        name: 'Caf\u00e9',
        status: 'active',
        join_url: `https://meet.example.org/join/${room.room_code}`,
        settings: { max_participants: 5, allow_guests: true, lock_room: false },
        scheduled_at: null,
        ended_at: null,
      })
      t.not((await meetings.create(host, { name: 'x' })).room_code, room.room_code)
    })

    await t.test('a scheduled room becomes active with its first participant', async (t) => {
      const scheduled_at = new Date(Date.now() + 3_600_000).toISOString()
      const { room_code, ...room } = await meetings.create(host, { name: 'Later', scheduled_at })
      t.match(room, { status: 'scheduled', scheduled_at })
      await meetings.join(host, room_code, {})
      t.equal((await meetings.get(host, room_code)).status, 'active')
      for (const odd of ['0001-01-01T00:00:00Z', '9999-12-31T00:00:00Z', '2001-01-01T00:00:00Z']) {
        await t.rejects(meetings.create(host, { name: 'x', scheduled_at: odd }), {
          code: 'VALIDATION_ERROR',
          details: [{ field: 'body.scheduled_at' }],
        })
      }
    })

    await t.test(
      'a user joins with its profile, again as the same participant, and the room is told once',
      async (t) => {
        const room = await makeRoom()
        const ana = await addUser({ full_name: 'Ana', speaking_language: 'es', listening_language: 'fr' })
        const first = await meetings.join(ana, room, {})
        t.match(first, {
          status: 'joined',
          guest_token: undefined,
          participant: { display_name: 'Ana', role: 'participant', speaking_language: 'es', listening_language: 'fr' },
        })
        t.same(await meetings.join(ana, room, {}), first)
        t.same(await types(room), ['participant.joined'])
        const renamed = await meetings.join(ana, room, { display_name: ' Ana M. ', listening_language: 'de' })
        t.match(renamed.participant, { id: first.participant.id, display_name: 'Ana M.', listening_language: 'de' })
        t.same(await types(room), ['participant.joined', 'participant.updated'])
        t.same(await state.presence.listening(await idOf(room)), ['de'])
        t.equal((await meetings.join(host, room, {})).participant.role, 'host')
      },
    )

    await t.test('concurrent joins of one user are one participant and one event', async (t) => {
      const room = await makeRoom()
      const ana = await addUser()
      const joins = await Promise.all(Array.from({ length: 10 }, () => meetings.join(ana, room, {})))
      t.equal(new Set(joins.map(({ participant }) => participant.id)).size, 1)
      t.same((await types(room)).filter((type) => type === 'participant.joined').length, 1)
    })

    await t.test('a guest needs a name, and comes back as itself with its token', async (t) => {
      const room = await makeRoom()
      await t.rejects(meetings.join(null, room, {}), {
        code: 'VALIDATION_ERROR',
        details: [{ field: 'body.display_name' }],
      })
      const { participant, principal } = await joinGuest(room)
      t.match(participant, { role: 'guest', speaking_language: 'en', listening_language: 'en' })
      t.match(principal, { participantId: participant.id, roomId: await idOf(room) })
      const again = await meetings.join(principal, room, {})
      t.same(again.participant, participant)
      t.match(guest(again.guest_token), { participantId: participant.id })
      t.not((await joinGuest(room)).participant.id, participant.id, 'without the token it is somebody else')

      const other = await makeRoom()
      const elsewhere = await meetings.join(principal, other, { display_name: 'Guest' })
      t.not(elsewhere.participant.id, participant.id, 'in another room it is somebody else')
    })

    await t.test('a door is closed: unknown, ended, no guests', async (t) => {
      await t.rejects(meetings.join(host, 'a'.repeat(26), {}), refused('NOT_FOUND'))
      const ended = await makeRoom()
      await meetings.end(host, ended)
      await t.rejects(meetings.join(host, ended, {}), refused('ROOM_ENDED'))
      await t.rejects(meetings.join(null, ended, { display_name: 'G' }), refused('ROOM_ENDED'))

      const members = await makeRoom({ allow_guests: false })
      await t.rejects(meetings.join(null, members, { display_name: 'G' }), refused('FORBIDDEN'))
      await meetings.join(stranger, members, {})
    })

    await t.test('of 50 concurrent joins exactly as many get in as the room holds', async (t) => {
      const room = await makeRoom({ max_participants: 7 })
      const joins = await Promise.allSettled(
        Array.from({ length: 50 }, (_, index) => meetings.join(null, room, { display_name: `Guest ${index}` })),
      )
      const codes = joins.map((join) => (join.status === 'fulfilled' ? 'joined' : join.reason.code))
      t.equal(codes.filter((code) => code === 'joined').length, 7)
      t.equal(codes.filter((code) => code === 'ROOM_FULL').length, 43)
      t.equal((await presentNames(room)).length, 7)
      t.equal((await types(room)).length, 7)
    })

    await t.test('whoever has nothing to do with a room does not learn that it exists', async (t) => {
      const room = await makeRoom()
      const elsewhere = await joinGuest(await makeRoom())
      for (const outsider of [stranger, elsewhere.principal]) {
        for (const call of calls(meetings))
          await t.rejects(async () => void (await call(outsider, room)), refused('NOT_FOUND'))
      }
      for (const call of calls(meetings))
        await t.rejects(async () => void (await call(host, 'a'.repeat(26))), refused('NOT_FOUND'))
    })

    await t.test('a participant may look, and only a host may rule', async (t) => {
      const room = await makeRoom()
      const { principal } = await joinGuest(room)
      await meetings.join(stranger, room, {})
      for (const plain of [principal, stranger]) {
        t.equal((await meetings.get(plain, room)).room_code, room)
        await t.rejects(meetings.configure(plain, room, { lock_room: true }), refused('FORBIDDEN'))
        await t.rejects(meetings.end(plain, room), refused('FORBIDDEN'))
        await t.rejects(meetings.remove(plain, room), refused('FORBIDDEN'))
      }
      t.match(await meetings.get(host, room), { status: 'active', settings: { lock_room: false } })
    })

    await t.test('settings change in part, and the room is told', async (t) => {
      const room = await makeRoom()
      const changed = await meetings.configure(host, room, { max_participants: 9 })
      t.match(changed.settings, { max_participants: 9, allow_guests: true })
      t.match(await events(room), [{ type: 'room.updated', room: changed }])
      t.same(await meetings.configure(host, room, {}), changed)
      t.equal((await events(room)).length, 1)
      await meetings.end(host, room)
      await t.rejects(meetings.configure(host, room, { max_participants: 9 }), refused('ROOM_ENDED'))
    })

    await t.test('leaving ends a participation: told once, token refused, and a user may come back', async (t) => {
      const room = await makeRoom()
      const { participant, principal } = await joinGuest(room)
      const before = await meetings.join(stranger, room, {})
      await meetings.leave(principal, room)
      t.ok(await state.revocations.isRevoked(`g:${participant.id}`, participant.id))
      await meetings.leave(stranger, room)
      await meetings.leave(stranger, room)
      t.same(await presentNames(room), [])
      t.same(await types(room), ['participant.joined', 'participant.joined', 'participant.left', 'participant.left'])
      await t.rejects(meetings.participation(stranger, room), refused('FORBIDDEN'))
      await t.rejects(meetings.issueTicket(stranger, room, ''), refused('FORBIDDEN'))
      await t.rejects(meetings.listPresent(stranger, room), refused('FORBIDDEN'))
      t.equal((await meetings.get(stranger, room)).room_code, room)
      t.equal((await meetings.join(stranger, room, {})).participant.id, before.participant.id)
    })

    await t.test('the end puts everyone out, refuses their tokens and is told once', async (t) => {
      const room = await makeRoom()
      const { participant, principal } = await joinGuest(room)
      await meetings.join(host, room, {})
      await meetings.end(host, room)
      await meetings.end(host, room)
      t.match(await meetings.get(host, room), { status: 'ended', ended_at: /Z$/ })
      t.ok(await state.revocations.isRevoked(`g:${participant.id}`, participant.id))
      t.same(await state.presence.list(await idOf(room)), [])
      t.same((await types(room)).filter((type) => type === 'room.ended').length, 1)
      await t.rejects(meetings.participation(principal, room), refused('ROOM_ENDED'))
      await t.rejects(meetings.issueTicket(host, room, ''), refused('ROOM_ENDED'))
    })

    await t.test('an end that was cut short is finished by the next one', async (t) => {
      const room = await makeRoom()
      const { participant } = await joinGuest(room)
      const id = await idOf(room)
      const endedAt = new Date()
      await rooms.end(id, endedAt)
      await world.participants.leaveAll(id, endedAt)
      await meetings.end(host, room)
      t.ok(await state.revocations.isRevoked(`g:${participant.id}`, participant.id))
      t.same(await state.presence.list(id), [])
      t.equal((await types(room)).at(-1), 'room.ended')
    })

    await t.test('of a join and an end at the same time nobody stays inside', async (t) => {
      for (let round = 0; round < 5; round += 1) {
        const room = await makeRoom()
        const joining = Array.from({ length: 4 }, () => meetings.join(null, room, { display_name: 'Guest' }))
        const [, ...joins] = await Promise.allSettled([meetings.end(host, room), ...joining])
        for (const join of joins) {
          if (join.status === 'rejected') t.match(join.reason, refused('ROOM_ENDED'))
          else {
            const { id } = join.value.participant
            t.ok(await state.revocations.isRevoked(`g:${id}`, id))
            t.equal((await world.participants.find(await idOf(room), id))?.status, 'left')
          }
        }
      }
    })

    await t.test('a deleted room is gone, after it ended for those inside', async (t) => {
      const room = await makeRoom()
      const { participant } = await joinGuest(room)
      const id = await idOf(room)
      await meetings.remove(host, room)
      await t.rejects(meetings.get(host, room), refused('NOT_FOUND'))
      t.equal((await state.roomEvents.after(id, 0)).events.at(-1)?.type, 'room.ended')
      t.ok(await state.revocations.isRevoked(`g:${participant.id}`, participant.id))
    })

    await t.test('a ticket is bound to participant, room, session and origin', async (t) => {
      const room = await makeRoom()
      const { participant, principal } = await joinGuest(room)
      const issued = await meetings.issueTicket(principal, room, 'https://app.example.org')
      t.equal(issued.expires_in, 30)
      const grant = await state.tickets.redeem(issued.ticket)
      t.same(grant, {
        roomId: await idOf(room),
        participantId: participant.id,
        subject: `g:${participant.id}`,
        sessionId: participant.id,
        origin: 'https://app.example.org',
        expiresAt: principal.expiresAt,
      })
      if (!grant) return
      t.equal((await meetings.ticketParticipation(grant, room)).participant.id, participant.id)
      await t.rejects(meetings.ticketParticipation(grant, await makeRoom()), refused('NOT_FOUND'))
      await meetings.leave(principal, room)
      await t.rejects(meetings.ticketParticipation(grant, room), refused('FORBIDDEN'))
      await t.rejects(meetings.issueTicket(host, room, ''), refused('FORBIDDEN'), 'a host that has not joined')
    })

    await lists(t, world)
    await deletedUsers(t, world)
  })
}

type World = Awaited<ReturnType<typeof openMeetings>>

/** Every call that asks what the caller is to the room. */
function calls({ get, configure, end, remove, leave, listPresent, issueTicket, participation }: World['meetings']) {
  type Caller = Parameters<typeof get>[0]
  return [
    get,
    end,
    remove,
    leave,
    listPresent,
    participation,
    (caller: Caller, room: string) => configure(caller, room, { lock_room: true }),
    (caller: Caller, room: string) => issueTicket(caller, room, ''),
  ]
}

async function lists(t: Test, { meetings, addUser }: World) {
  await t.test('a user sees the meetings it hosts or took part in, and no others', async (t) => {
    const [ana, bo] = [await addUser(), await addUser()]
    const own = await meetings.create(ana, { name: 'Own' })
    const others = await meetings.create(bo, { name: 'Other' })
    await meetings.create(bo, { name: 'Not hers' })
    await meetings.join(ana, others.room_code, {})
    await meetings.leave(ana, others.room_code)
    const all = await meetings.list(ana, {})
    t.match(all, { page: 1, per_page: 20, total: 2 })
    t.same(
      new Set(all.meetings.map(({ name, role }) => `${name}: ${role}`)),
      new Set(['Own: host', 'Other: participant']),
    )
    t.match(await meetings.list(ana, { role: 'host' }), { total: 1, meetings: [{ room_code: own.room_code }] })
    t.match(await meetings.list(ana, { role: 'participant' }), {
      total: 1,
      meetings: [{ room_code: others.room_code }],
    })
    t.match(await meetings.list(ana, { page: 2, per_page: 1 }), { total: 2, page: 2, per_page: 1, meetings: [{}] })
  })
}

async function deletedUsers(t: Test, { meetings, events, addUser, participants, rooms }: World) {
  await t.test('before a user is deleted its rooms end, and it leaves those of others without its name', async (t) => {
    const [ana, bo] = [await addUser({ full_name: 'Ana' }), await addUser()]
    const own = await meetings.create(ana, { name: 'Own' })
    const others = await meetings.create(bo, { name: 'Other' })
    const { participant } = await meetings.join(ana, others.room_code, {})
    await meetings.onUserDeleted(ana.userId)
    t.equal((await events(own.room_code)).at(-1)?.type, 'room.ended')
    t.match((await events(others.room_code)).at(-1), { type: 'participant.left', participant: { id: participant.id } })
    const room = await rooms.findByCode(others.room_code)
    t.match(await participants.find(room?.id ?? '', participant.id), {
      user_id: null,
      display_name: 'Former participant',
      status: 'left',
    })
  })
}
