import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { backends } from '../support/backends.ts'
import { openTestDatabase } from '../support/meetings.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, addUser } = await openTestDatabase(t, databaseUrl)
    const rooms = createRoomsRepository(db)
    const participants = createParticipantsRepository(db)
    const host = await addUser()
    let made = 0
    const roomOf = (hostId: string, status = 'active') => {
      made += 1
      return rooms.insert({
        id: randomUUID(),
        room_code: String(made).padStart(26, 'a'),
        name: `Room ${made}`,
        host_user_id: hostId,
        status,
        created_at: new Date(Date.UTC(2030, 0, 1, 0, 0, made)),
      })
    }

    await t.test('a room is found by its code and by its id, with the default settings', async (t) => {
      const room = await roomOf(host.userId)
      t.match(room, {
        lock_room: false,
        enable_transcription: true,
        max_participants: 100,
        allow_guests: true,
        retention_days: 30,
      })
      t.same(await rooms.findByCode(room.room_code), room)
      t.same(await rooms.findById(room.id), room)
      t.equal(await rooms.findByCode('z'.repeat(26)), null)
    })

    await t.test('the first entry opens a scheduled room, and leaves an ended one ended', async (t) => {
      const scheduled = await roomOf(host.userId, 'scheduled')
      const opened = await db.transaction((tx) => rooms.openForEntry(scheduled.id, tx))
      t.equal(opened?.status, 'active')
      await rooms.end(scheduled.id, new Date())
      const ended = await db.transaction((tx) => rooms.openForEntry(scheduled.id, tx))
      t.equal(ended?.status, 'ended')
      t.equal(await db.transaction((tx) => rooms.openForEntry(randomUUID(), tx)), null)
    })

    await t.test('concurrent first entries do not hold each other up for ever', async (t) => {
      const scheduled = await roomOf(host.userId, 'scheduled')
      const entries = Array.from({ length: 8 }, () => db.transaction((tx) => rooms.openForEntry(scheduled.id, tx)))
      for (const room of await Promise.all(entries)) t.equal(room?.status, 'active')
    })

    await t.test('a room ends once, and takes no settings after that', async (t) => {
      const room = await roomOf(host.userId)
      t.match(await rooms.updateSettings(room.id, { max_participants: 7 }), { max_participants: 7, allow_guests: true })
      t.match(await rooms.end(room.id, new Date(1000)), { status: 'ended', ended_at: new Date(1000) })
      t.equal(await rooms.end(room.id, new Date(2000)), null)
      t.equal(await rooms.updateSettings(room.id, { lock_room: true }), null)
    })

    await t.test('a removed room takes its participants with it', async (t) => {
      const room = await roomOf(host.userId)
      const id = randomUUID()
      await participants.join({
        id,
        room_id: room.id,
        display_name: 'Guest',
        role: 'guest',
        speaking_language: 'en',
        listening_language: 'en',
        status: 'joined',
        joined_at: new Date(),
      })
      await rooms.remove(room.id)
      t.equal(await rooms.findById(room.id), null)
      t.equal(await participants.find(room.id, id), null)
    })

    await t.test("a user's rooms come newest first, by page and by role", async (t) => {
      const user = await addUser()
      const own = [await roomOf(user.userId), await roomOf(user.userId)]
      const others = await roomOf(host.userId)
      await roomOf(host.userId)
      await participants.join({
        id: randomUUID(),
        room_id: others.id,
        user_id: user.userId,
        display_name: 'Ana',
        role: 'co_host',
        speaking_language: 'en',
        listening_language: 'en',
        status: 'joined',
        joined_at: new Date(),
      })
      const page = async (role: 'host' | 'participant' | undefined, limit: number, offset: number) => {
        const found = await rooms.ofUser({ userId: user.userId, role, limit, offset })
        return {
          ids: found.rooms.map(({ room }) => room.id),
          roles: found.rooms.map(({ role }) => role),
          total: found.total,
        }
      }
      t.same(await page(undefined, 10, 0), {
        ids: [others.id, own[1]?.id, own[0]?.id],
        roles: ['co_host', 'host', 'host'],
        total: 3,
      })
      t.same(await page('host', 1, 1), { ids: [own[0]?.id], roles: ['host'], total: 2 })
      t.same(await page('participant', 10, 0), { ids: [others.id], roles: ['co_host'], total: 1 })
      t.same(await page(undefined, 10, 10), { ids: [], roles: [], total: 3 })
    })
  })
}
