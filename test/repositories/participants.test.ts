import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createParticipantsRepository, type NewParticipant } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { backends } from '../support/backends.ts'
import { openTestDatabase } from '../support/meetings.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, addUser } = await openTestDatabase(t, databaseUrl)
    const participants = createParticipantsRepository(db)
    const user = await addUser()
    const room = await createRoomsRepository(db).insert({
      id: randomUUID(),
      room_code: 'a'.repeat(26),
      name: 'Room',
      host_user_id: user.userId,
      status: 'active',
      created_at: new Date(),
    })
    /** Joins as the service does for whoever was not kicked. */
    const joined = async (participant: NewParticipant) => {
      const record = await participants.join(participant)
      if (!record) throw new Error('did not get in')
      return record
    }
    const someone = (values: Partial<NewParticipant> = {}): NewParticipant => ({
      id: randomUUID(),
      room_id: room.id,
      display_name: 'Guest',
      role: 'guest',
      speaking_language: 'en',
      listening_language: 'en',
      status: 'joined',
      joined_at: new Date(5000),
      ...values,
    })

    await t.test('whoever joins again keeps one row, however many do it at once', async (t) => {
      const ana = someone({ user_id: user.userId, role: 'host', display_name: 'Ana' })
      const rows = await Promise.all(Array.from({ length: 5 }, () => joined(ana)))
      t.equal(new Set(rows.map(({ id }) => id)).size, 1)
      t.match(await joined({ ...ana, display_name: 'Ana M.' }), { id: ana.id, display_name: 'Ana M.' })
      t.match(await participants.findByUser(room.id, user.userId), { id: ana.id, status: 'joined', left_at: null })
      t.equal(await participants.find(randomUUID(), ana.id), null, 'not found in another room')
      t.match(await participants.openOfUser(user.userId), [{ id: ana.id }])
      await participants.anonymise(user.userId, 'Former participant')
      t.match(await participants.find(room.id, ana.id), { user_id: null, display_name: 'Former participant' })
    })

    await t.test('a participant leaves once and may come back', async (t) => {
      const guest = someone()
      await joined(guest)
      t.match(await participants.leave(guest.id, new Date(9000)), { status: 'left', left_at: new Date(9000) })
      t.equal(await participants.leave(guest.id, new Date(9500)), null)
      t.match(await joined(guest), { status: 'joined', left_at: null })
    })

    await t.test('those joined come in the order in which they joined', async (t) => {
      const late = await joined(someone({ joined_at: new Date(7000) }))
      const early = await joined(someone({ joined_at: new Date(6000) }))
      const gone = await joined(someone())
      await participants.leave(gone.id, new Date())
      const ids = [late.id, gone.id, early.id, randomUUID()]
      t.same(
        (await participants.joinedAmong(room.id, ids)).map(({ id }) => id),
        [early.id, late.id],
      )
      t.same(await participants.joinedAmong(room.id, []), [])
    })

    await t.test('one language changes without the other', async (t) => {
      const { id } = await joined(someone())
      const changed = await participants.setLanguages(id, { listening_language: 'fr' })
      t.match(changed, { speaking_language: 'en', listening_language: 'fr' })
      t.equal(await participants.setLanguages(randomUUID(), { speaking_language: 'fr' }), null)
    })

    await t.test('the end of a room puts out those inside, and names the guests among them', async (t) => {
      const before = await joined(someone())
      await participants.leave(before.id, new Date(10_000))
      const inside = await joined(someone())
      await joined(someone({ role: 'participant' }))
      const endedAt = new Date(Date.now() + 60_000)
      await participants.leaveAll(room.id, endedAt)
      const out = await participants.guestsPutOut(room.id, endedAt)
      t.ok(out.includes(inside.id))
      t.notOk(out.includes(before.id))
      t.match(await participants.find(room.id, inside.id), { status: 'left', left_at: endedAt })
    })
  })
}
