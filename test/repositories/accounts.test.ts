import { randomUUID } from 'node:crypto'
import t from 'tap'
import { openDatabase } from '../../repositories/database.ts'
import { createMailJobsRepository } from '../../repositories/mail-jobs.ts'
import { createOneTimeTokensRepository } from '../../repositories/one-time-tokens.ts'
import { createParticipantsRepository } from '../../repositories/participants.ts'
import { createRoomsRepository } from '../../repositories/rooms.ts'
import { createSessionsRepository } from '../../repositories/sessions.ts'
import { createUsersRepository, ERASED_NAME, type NewUser } from '../../repositories/users.ts'
import { backends } from '../support/backends.ts'
import { dataFolder } from '../support/data-folder.ts'

const start = new Date('2026-01-01T00:00:00Z')
const after = (seconds: number) => new Date(start.getTime() + seconds * 1000)

function newUser(change: Partial<NewUser> = {}): NewUser {
  const id = randomUUID()
  return {
    id,
    email: `${id}@example.org`,
    password_hash: 'x',
    full_name: 'Ana',
    speaking_language: 'es',
    listening_language: 'es',
    accepted_terms_at: start,
    created_at: start,
    updated_at: start,
    ...change,
  }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { databaseUrl } = await backend.open(t)
    const { db, ...database } = await openDatabase({ databaseUrl, dataDir: dataFolder(t) }, { warn: () => undefined })
    t.teardown(() => database.close())
    await database.migrate()
    const users = createUsersRepository(db)
    const addUser = async () => {
      const user = await users.insert(newUser())
      if (!user) throw new Error('not inserted')
      return user
    }

    await t.test('of users that take one address at once, one gets it', async (t) => {
      const tries = Array.from({ length: 8 }, () => users.insert(newUser({ email: 'wanted@example.org' })))
      const made = (await Promise.all(tries)).filter((user) => user !== null)
      t.equal(made.length, 1)
      t.same(await users.findByEmail('wanted@example.org'), made[0])
    })

    await t.test('a password hash is replaced only while it is the expected one', async (t) => {
      const { id } = await addUser()
      t.equal(await users.setPasswordHash(id, { hash: 'y', expected: 'other', at: after(1) }), false)
      t.equal(await users.setPasswordHash(id, { hash: 'y', expected: 'x', at: after(1) }), true)
      t.match(await users.findById(id), { password_hash: 'y', updated_at: after(1) })
    })

    await t.test('an erased user leaves neither name nor rooms nor mail', async (t) => {
      const [host, guest] = [await addUser(), await addUser()]
      const rooms = createRoomsRepository(db)
      const participants = createParticipantsRepository(db)
      const room = { name: 'Standup', status: 'active', created_at: start }
      const [own, others] = [randomUUID(), randomUUID()]
      await rooms.insert({ ...room, id: own, room_code: 'a'.repeat(26), host_user_id: guest.id })
      await rooms.insert({ ...room, id: others, room_code: 'b'.repeat(26), host_user_id: host.id })
      const pid = randomUUID()
      await participants.join({
        id: pid,
        room_id: others,
        user_id: guest.id,
        display_name: 'Ana',
        role: 'participant',
        speaking_language: 'es',
        listening_language: 'es',
        status: 'joined',
        joined_at: start,
      })
      const mailJobs = createMailJobsRepository(db)
      await mailJobs.insert('verify', guest.email, start)

      await db.transaction((tx) => users.erase(guest, tx))
      t.equal(await users.findById(guest.id), null)
      t.equal(await rooms.findById(own), null)
      t.match(await participants.find(others, pid), { display_name: ERASED_NAME, user_id: null })
      t.equal(await mailJobs.claim(after(1), after(60)), null)
    })

    await t.test('a session is listed while it can be refreshed, and revoked once', async (t) => {
      const { id: user_id } = await addUser()
      const sessions = createSessionsRepository(db)
      const add = async (last_used_at: Date, expires_at: Date) => {
        const id = randomUUID()
        const device = { user_agent: 'Test/1.0', address: '192.0.2.1' }
        await sessions.insert({ id, user_id, access_jti: 'j', ...device, created_at: start, last_used_at, expires_at })
        return id
      }
      const [older, newer] = [await add(after(10), after(100)), await add(after(20), after(100))]
      await add(after(20), after(30))
      await add(after(5), after(100))
      const list = async () =>
        (await sessions.listActive(user_id, { now: after(50), idleSince: after(6) })).map(({ id }) => id)
      t.strictSame(await list(), [newer, older])

      const revocation = { reason: 'logout', at: after(40) }
      t.strictSame(await sessions.revoke(user_id, { ...revocation, only: [newer] }), [newer])
      t.strictSame(await sessions.revoke(user_id, { ...revocation, only: [newer] }), [])
      t.strictSame(await sessions.revoke(randomUUID(), { ...revocation, only: [older] }), [], 'another’s')
      t.strictSame(await list(), [older])
      t.equal((await sessions.revoke(user_id, { ...revocation, except: older })).length, 2)
      t.equal((await sessions.revokedSince(after(40))).length, 3)
      t.equal((await sessions.revokedSince(after(41))).length, 0)
      await sessions.deleteExpired(after(31))
      t.equal((await sessions.revokedSince(after(40))).length, 2)
    })

    await t.test('a one-time token is consumed once, by one of many', async (t) => {
      const { id: user_id } = await addUser()
      const tokens = createOneTimeTokensRepository(db)
      const token = { token_hash: 'h', purpose: 'reset', user_id, created_at: start, expires_at: after(10) }
      await tokens.insert(token)
      t.equal(await tokens.consume('h', 'verify', after(1)), null, 'for another purpose')
      t.equal(await tokens.consume('h', 'reset', after(10)), null, 'expired')
      const tries = await Promise.all(Array.from({ length: 8 }, () => tokens.consume('h', 'reset', after(1))))
      t.strictSame(
        tries.filter((owner) => owner !== null),
        [user_id],
      )
      t.equal(await tokens.findUser('h', 'reset', after(1)), null)
    })

    await t.test('each mail job is claimed by one taker, and comes back when it is not done in time', async (t) => {
      const mailJobs = createMailJobsRepository(db)
      for (let i = 0; i < 5; i++) await mailJobs.insert('reset', `${i}@example.org`, after(i))
      t.equal(await mailJobs.claim(after(-1), after(60)), null, 'nothing is due yet')
      const jobs = await Promise.all(Array.from({ length: 8 }, () => mailJobs.claim(after(10), after(60))))
      const claimed = jobs.filter((job) => job !== null)
      t.equal(new Set(claimed.map(({ id }) => id)).size, claimed.length)
      for (let job = await mailJobs.claim(after(10), after(60)); job; job = await mailJobs.claim(after(10), after(60)))
        claimed.push(job)
      t.strictSame(
        claimed.map(({ email }) => email).sort(),
        [0, 1, 2, 3, 4].map((i) => `${i}@example.org`),
      )

      for (const { id } of claimed.slice(1)) await mailJobs.remove(id)
      t.match(await mailJobs.claim(after(60), after(120)), { id: claimed[0]?.id, attempts: 2 })
    })
  })
}
