import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { type CaptionRecord, createCaptionsRepository } from '../../repositories/captions.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { backends } from '../support/backends.ts'
import { openTestDatabase } from '../support/meetings.ts'

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, addUser } = await openTestDatabase(t, databaseUrl)
    const captions = createCaptionsRepository(db)
    const { userId } = await addUser()
    const room_id = randomUUID()
    const created_at = new Date()
    const room = { id: room_id, room_code: 'a'.repeat(26), name: 'Room', host_user_id: userId, created_at }
    await createRoomsRepository(db).insert({ ...room, status: 'active' })
    const caption = (seq: number, more: Partial<CaptionRecord> = {}): CaptionRecord => ({
      ...{ room_id, at: new Date(Date.UTC(2030, 0, 1, 0, 0, 0, seq)), seq, caption_id: `c${seq}`, revision: 0 },
      ...{ participant_id: null, speaker_name: 'Ana', language: 'es-MX', text: 'Hola', texts: {} },
      ...more,
    })
    const range = { roomId: room_id, from: new Date(0), to: new Date(Date.UTC(2031, 0, 1)) }

    await t.test('captions are read as they were written, and one that is there stays as it is', async (t) => {
      const said = [
        caption(1, { text: `"a" {b} \\u0041 '; -- 語🦊`, texts: { en: { text: 'He said: "hi"', engine: 'x' } } }),
        caption(2, { seq: 9_007_199_254_740_991 }),
        caption(3, { revision: 2, language: 'pt-BR' }),
      ]
      await captions.insert(said)
      await captions.insert([caption(1, { text: 'another' }), caption(4)])
      t.same(await captions.page(range, null, 10), [...said, caption(4)])
    })

    await t.test('they are written also where a newer version has added a column', async (t) => {
      await db.execute(sql`alter table captions add column newer text not null default 'x'`)
      await captions.insert([caption(5)])
      t.same((await captions.page(range, null, 10)).at(-1)?.seq, 5)
    })
  })
}
