import t from 'tap'
import type { UserPrincipal } from '../../services/principal.ts'
import { LEASE_MS } from '../../state/socket-leases.ts'
import { createUpkeep } from '../../workers/upkeep.ts'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'
import { createTestClock } from '../support/states.ts'

const MINUTE_MS = 60_000

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const clock = createTestClock(Date.now())
    const world = await openMeetings(t, backend, clock.now)
    const { meetings, another, rooms, participants, state, addUser, events } = world
    world.setTime(new Date(clock.now()))
    const host = await addUser({ full_name: 'Hanna' })

    /** Moves every clock on, while those named keep their places, as heartbeats do. */
    async function pass(ms: number, roomId = '', ...present: string[]) {
      for (let left = ms; left > 0; left -= LEASE_MS / 2) {
        clock.advance(Math.min(left, LEASE_MS / 2))
        world.setTime(new Date(clock.now()))
        const leases = present.map((participantId) => ({ participantId, connectionId: participantId }))
        if (roomId) await state.presence.renew(roomId, leases)
        if (roomId) await meetings.sweep(roomId)
      }
    }
    /** Joins and opens a socket. */
    async function enter(user: UserPrincipal, code: string) {
      await meetings.join(user, code, {})
      const { room, participant } = await meetings.participation(user, code)
      await meetings.enterSocket(room, participant, participant.id)
      return participant.id
    }
    async function newRoom() {
      const { room_code: code } = await meetings.create(host, { name: 'Room' })
      const hostId = await enter(host, code)
      return { code, hostId, id: (await rooms.findByCode(code))?.id ?? '' }
    }
    const stateOf = async (id: string) => {
      const room = await rooms.findById(id)
      return { status: room?.status, host: room?.host_user_id }
    }

    await t.test('a room whose host is there stays, however long; it is noted once a minute', async (t) => {
      const { id, hostId, code } = await newRoom()
      const seen = async () => (await rooms.findById(id))?.host_seen_at?.getTime() ?? 0
      const first = await seen()
      t.equal(first, clock.now())
      await pass(LEASE_MS / 2, id, hostId)
      t.equal(await seen(), first)
      await pass(LEASE_MS / 2, id, hostId)
      t.equal(await seen(), clock.now())
      await pass(30 * MINUTE_MS, id, hostId)
      await meetings.settleHostless()
      t.match(await stateOf(id), { status: 'active', host: host.userId })
      await meetings.end(host, code)
    })

    await t.test('a host that comes back within ten minutes finds its room', async (t) => {
      const { code, id } = await newRoom()
      const ana = await addUser()
      const anaId = await enter(ana, code)
      await pass(9 * MINUTE_MS, id, anaId)
      await meetings.settleHostless()
      t.match(await stateOf(id), { status: 'active', host: host.userId })
      const hostId = await enter(host, code)
      await pass(9 * MINUTE_MS, id, anaId, hostId)
      await meetings.settleHostless()
      t.match(await stateOf(id), { status: 'active', host: host.userId })
      await meetings.end(host, code)
    })

    await t.test(
      'after ten minutes it passes to the co-host who is longest inside; the old host is a co-host',
      async (t) => {
        const { code, id, hostId } = await newRoom()
        const users = [await addUser(), await addUser(), await addUser(), await addUser()] as const
        const [gone, plain, first, second] = users
        const ids: string[] = []
        for (const user of users) {
          ids.push(await enter(user, code))
          await pass(1000)
        }
        for (const [index, user] of users.entries())
          if (user !== plain) await meetings.setRole(host, code, ids[index] ?? '', 'co_host')
        await meetings.leave(gone, code)
        await pass(11 * MINUTE_MS, id, ...ids.slice(1))
        const other = await another()
        const before = (await events(code)).length
        await Promise.all([meetings.settleHostless(), other.settleHostless(), meetings.settleHostless()])
        t.match(await stateOf(id), { status: 'active', host: first.userId })
        t.match((await events(code)).slice(before), [
          { type: 'participant.updated', participant: { id: ids[2], role: 'host' } },
          { type: 'participant.updated', participant: { id: hostId, role: 'co_host' } },
        ])
        t.match(await meetings.join(host, code, {}), { status: 'joined', participant: { role: 'co_host' } })
        t.equal((await participants.findByUser(id, second.userId))?.role, 'co_host')
        t.ok(await meetings.setRole(first, code, ids[1] ?? '', 'co_host'), 'the new host rules')
        await t.rejects(meetings.setRole(host, code, ids[1] ?? '', 'participant'), { code: 'FORBIDDEN' })
        await meetings.end(first, code)
      },
    )

    await t.test('without a co-host inside it ends, once', async (t) => {
      const { code, id } = await newRoom()
      const ana = await addUser()
      const anaId = await enter(ana, code)
      await pass(11 * MINUTE_MS, id, anaId)
      const other = await another()
      await Promise.all([meetings.settleHostless(), other.settleHostless()])
      t.match(await stateOf(id), { status: 'ended' })
      t.equal((await events(code)).filter(({ type }) => type === 'room.ended').length, 1)
    })

    await t.test('a room that its host never entered is left alone', async (t) => {
      const { room_code: code } = await meetings.create(host, { name: 'Early' })
      const ana = await addUser()
      const anaId = await enter(ana, code)
      const id = (await rooms.findByCode(code))?.id ?? ''
      await pass(30 * MINUTE_MS, id, anaId)
      await meetings.settleHostless()
      t.match(await stateOf(id), { status: 'active', host: host.userId })
    })

    await t.test('a host that is there although nobody noted it keeps its room', async (t) => {
      const { id, hostId } = await newRoom()
      await pass(11 * MINUTE_MS)
      await state.presence.renew(id, [{ participantId: hostId, connectionId: hostId }])
      await meetings.settleHostless()
      t.match(await stateOf(id), { status: 'active', host: host.userId })
      t.equal((await rooms.findById(id))?.host_seen_at?.getTime(), clock.now())
    })
  })
}

t.test('nobody is taken for absent while clients are still coming back', async (t) => {
  let now = 0
  let status: 'up' | 'down' = 'up'
  const settled: number[] = []
  let recovered = () => {}
  const upkeep = createUpkeep({
    sessions: { rewarm: async () => {}, purge: async () => {} },
    apiKeys: { rewarm: async () => {}, purge: async () => {} },
    links: { purge: async () => {} },
    invitationLinks: { purge: async () => {} },
    transcripts: { purge: async () => {} },
    polls: { settle: async () => {} },
    meetings: { settleHostless: async () => void settled.push(now) },
    state: {
      status: () => status,
      onRecovered: (listener) => {
        recovered = listener
      },
    },
    log: { warn: () => {} },
    now: () => new Date(now),
  })
  t.teardown(() => upkeep.close())
  const at = async (time: number) => {
    now = time
    await upkeep.settleHostless()
  }
  await at(MINUTE_MS)
  t.same(settled, [], 'after the start')
  await at(2 * MINUTE_MS)
  status = 'down'
  await at(3 * MINUTE_MS)
  status = 'up'
  recovered()
  await at(4 * MINUTE_MS)
  t.same(settled, [2 * MINUTE_MS], 'nor while Redis is away, nor right after')
  await at(5 * MINUTE_MS)
  t.same(settled, [2 * MINUTE_MS, 5 * MINUTE_MS])
})
