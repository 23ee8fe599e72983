import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { mailJobs } from '../../repositories/schema.ts'
import { calendarFile } from '../../services/mail/calendar.ts'
import type { UserPrincipal } from '../../services/principal.ts'
import { openAccounts } from '../support/accounts.ts'
import { backends } from '../support/backends.ts'
import { eventOf, partsOf } from '../support/mime.ts'

const DAY_MS = 86_400_000
const refused = (code: string) => ({ code })
const badInvitation = { code: 'VALIDATION_ERROR', details: [{ field: 'body.invitation' }] }

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const app = await openAccounts(t, backend)
    const { meetings, advance, now, db, mailsTo, newAccount, tokens } = app

    async function newUser(full_name: string): Promise<UserPrincipal> {
      const { id } = await newAccount({ full_name })
      return { kind: 'user', userId: id, sessionId: randomUUID(), jti: randomUUID(), expiresAt: Date.now() + DAY_MS }
    }
    const host = await newUser('Hanna www.evil.example')

    type New = Partial<Parameters<typeof meetings.create>[1]>
    const newRoom = async (change: New = {}) => {
      const settings = { lock_room: true, allow_guests: false }
      return (await meetings.create(host, { name: 'Room', settings, ...change })).room_code
    }
    const newAddress = () => `${randomUUID()}@example.net`
    /** Invites somebody; the newest mail it got. */
    async function invite(code: string, address = newAddress()) {
      t.same(await meetings.invite(host, code, [address]), { sent: [address], failed: [] })
      const parts = partsOf((await mailsTo(address)).at(-1)?.text ?? '')
      const text = parts.find(({ headers }) => headers['content-type']?.startsWith('text/plain'))?.body ?? ''
      const file = parts.find(({ headers }) => headers['content-type']?.startsWith('text/calendar'))
      const token = /#invitation=([\w-]{43})$/m.exec(text)?.[1] ?? ''
      return { headers: parts[0]?.headers ?? {}, text, file, token }
    }
    const asGuest = async (code: string, invitation: string, display_name = 'Gil') =>
      meetings.join(null, code, { display_name, invitation }, '192.0.2.7')

    await t.test('the mail says who invites where and when, with a link and a calendar entry', async (t) => {
      const scheduled_at = new Date(now().getTime() + 20 * DAY_MS).toISOString()
      const code = await newRoom({ name: 'Réunion, "plan"; a < b', scheduled_at })
      const { headers, text, file, token } = await invite(code)
      t.equal(headers.subject, 'You are invited to a meeting')
      t.match(text, 'Hanna www. evil. example invites you to the meeting "Réunion, "plan"; a < b".')
      t.match(text, `When: ${scheduled_at.slice(0, 16).replace('T', ' ')} UTC`)
      t.match(text, `http://localhost:3000/join/${code}#invitation=${token}`)
      t.match(file?.headers, {
        'content-type': /^text\/calendar; charset=utf-8; method=PUBLISH/,
        'content-disposition': /attachment; filename="?meeting\.ics/,
      })
      const event = eventOf(file?.body.replaceAll(/\r?\n/g, '\r\n') ?? '')
      const utc = (time: Date) => `${time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
      t.match(event, {
        METHOD: 'PUBLISH',
        SUMMARY: 'Réunion, "plan"; a < b',
        DTSTART: utc(new Date(scheduled_at)),
        DTEND: utc(new Date(Date.parse(scheduled_at) + 3_600_000)),
        URL: `http://localhost:3000/join/${code}`,
        ORGANIZER: 'mailto:no-reply@localhost',
      })
      t.notOk(JSON.stringify(event).includes(token), 'calendars are shared: they hold no invitation')
      const again = await invite(code)
      t.equal(eventOf(again.file?.body.replaceAll(/\r?\n/g, '\r\n') ?? '').UID, event.UID)
    })

    await t.test('an invitation lets one guest in past lock and rules, once', async (t) => {
      const code = await newRoom()
      await t.rejects(meetings.join(null, code, { display_name: 'Gil' }), refused('FORBIDDEN'))
      const { token } = await invite(code)
      const gil = await asGuest(code, token)
      t.match(gil, { status: 'joined', participant: { role: 'guest', status: 'joined' } })
      await t.rejects(asGuest(code, token, 'Another'), badInvitation)
      const principal = tokens.verify(gil.guest_token ?? '')
      const again = await meetings.join(principal, code, { invitation: token })
      t.equal(again.participant.id, gil.participant.id)
    })

    await t.test('a user may come back with its own, another may not use it', async (t) => {
      const code = await newRoom()
      const [ana, bo] = [await newUser('Ana'), await newUser('Bo')]
      const { token } = await invite(code)
      t.equal((await meetings.join(ana, code, { invitation: token })).status, 'joined')
      await meetings.leave(ana, code)
      t.equal((await meetings.join(ana, code, {})).status, 'waiting')
      t.equal((await meetings.join(ana, code, { invitation: token })).status, 'joined')
      await t.rejects(meetings.join(bo, code, { invitation: token }), badInvitation)
      t.equal((await meetings.join(bo, code, {})).status, 'waiting')
      t.equal((await meetings.join(host, code, { invitation: token })).status, 'joined', 'a host needs none')
    })

    await t.test('of many who try one invitation at once one comes in', async (t) => {
      const code = await newRoom()
      const { token } = await invite(code)
      const tries = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => asGuest(code, token, `G${index}`)))
      t.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1)
      for (const one of tries) if (one.status === 'rejected') t.match(one.reason, badInvitation)
      t.equal((await meetings.listPresent(host, code)).participants.length, 1, 'the others left nothing behind')
    })

    await t.test('an unknown one, one of another room and an old one are refused, and change nothing', async (t) => {
      const code = await newRoom()
      const { token } = await invite(code)
      await t.rejects(asGuest(await newRoom(), token), badInvitation)
      await t.rejects(asGuest(code, 'x'.repeat(43)), badInvitation)
      advance(7 * DAY_MS)
      await t.rejects(asGuest(code, token), badInvitation)
      t.same((await meetings.listPresent(host, code)).participants, [])
    })

    await t.test('that of a scheduled room is good until the day after', async (t) => {
      const scheduled_at = new Date(now().getTime() + 20 * DAY_MS).toISOString()
      const code = await newRoom({ scheduled_at })
      const [early, late] = [await invite(code), await invite(code)]
      advance(20.9 * DAY_MS)
      t.equal((await asGuest(code, early.token)).status, 'joined')
      advance(0.2 * DAY_MS)
      await t.rejects(asGuest(code, late.token), badInvitation)
    })

    await t.test('it lets nobody in who was put out', async (t) => {
      const code = await newRoom({ settings: { lock_room: false } })
      const ana = await newUser('Ana')
      const [first, second] = [await invite(code), await invite(code)]
      const { participant } = await meetings.join(ana, code, {})
      const gil = await asGuest(code, first.token)
      await meetings.kick(host, code, participant.id)
      await meetings.kick(host, code, gil.participant.id)
      await t.rejects(meetings.join(ana, code, { invitation: second.token }), refused('FORBIDDEN'))
      await t.rejects(asGuest(code, second.token), refused('FORBIDDEN'))
      t.equal((await asGuest(code, second.token, 'Other')).status, 'waiting', 'a host looks at who resembles it')
      t.equal((await meetings.join(null, code, { display_name: 'Joy', invitation: second.token })).status, 'joined')
    })

    await t.test('hosts invite only, and only to a room that is open', async (t) => {
      const code = await newRoom({ settings: {} })
      const ana = await newUser('Ana')
      await meetings.join(ana, code, {})
      await t.rejects(meetings.invite(ana, code, [newAddress()]), refused('FORBIDDEN'))
      await t.rejects(meetings.invite(await newUser('Bo'), code, [newAddress()]), refused('NOT_FOUND'))
      const address = newAddress()
      await meetings.end(host, code)
      await t.rejects(meetings.invite(host, code, [address]), refused('ROOM_ENDED'))
    })

    await t.test('no mail about a room that ended before it went out', async (t) => {
      const code = await newRoom()
      const address = newAddress()
      await app.mailWorker.close()
      await meetings.invite(host, code, [address])
      await meetings.end(host, code)
      const other = await app.start()
      await other.mailWorker.run()
      await other.close()
      t.same(await mailsTo(address), [])
      t.same(await db.select().from(mailJobs).where(eq(mailJobs.email, address)), [])
    })

    await t.test('one address gets three mails of a room within a day; each address is written to once', async (t) => {
      const code = await newRoom()
      const address = newAddress()
      const [upper, lower] = [`A${address}`, `a${address}`]
      t.same(await meetings.invite(host, code, [upper, lower]), { sent: [lower], failed: [] })
      const tries = await Promise.all(Array.from({ length: 5 }, () => meetings.invite(host, code, [lower])))
      t.equal(tries.filter(({ sent }) => sent.length === 1).length, 2)
      t.equal(tries.filter(({ failed }) => failed.length === 1).length, 3)
      t.same(await meetings.invite(host, await newRoom(), [lower]), { sent: [lower], failed: [] })
    })

    await t.test('a room sends 100 mails a day, a host 200 over all its rooms', async (t) => {
      advance(2 * DAY_MS)
      const send = async (code: string, batches: number) => {
        let sent = 0
        for (let batch = 0; batch < batches; batch += 1)
          sent += (await meetings.invite(host, code, Array.from({ length: 20 }, newAddress))).sent.length
        return sent
      }
      const first = await newRoom()
      t.equal(await send(first, 6), 100)
      t.equal(await send(await newRoom(), 6), 80, 'what was refused counted for the host')
      advance(2 * DAY_MS)
      t.equal(await send(await newRoom(), 1), 20)
    })
  })
}

t.test('a name breaks out of nothing in the calendar file', async (t) => {
  const nasty = [
    'a\\, b; c:d',
    'x'.repeat(120),
    'ñ'.repeat(120),
    '👩‍👩‍👧'.repeat(15),
    '"quoted" ^n',
    "END:VEVENT, O'Brien",
  ]
  for (const name of nasty) {
    const at = new Date('2030-05-01T10:00:00Z')
    const organizer = { name, email: 'no-reply@example.org' }
    const file = calendarFile({
      uid: 'u@example.org',
      name,
      url: 'https://example.org/',
      start: at,
      stamp: at,
      organizer,
    })
    t.match(eventOf(file), { SUMMARY: name, DTSTART: '20300501T100000Z', DTEND: '20300501T110000Z', SEQUENCE: '0' })
  }
})
