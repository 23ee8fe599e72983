import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { Secret, TOTP } from 'otpauth'
import t, { type Test } from 'tap'
import { createHeldDataRepository } from '../../repositories/held-data.ts'
import { createRecoveryCodesRepository } from '../../repositories/recovery-codes.ts'
import { captions, invitations, mailJobs, participants, rooms, sessions, users } from '../../repositories/schema.ts'
import { createUsersRepository } from '../../repositories/users.ts'
import { createExport } from '../../services/export.ts'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { newRoom, newUser, send, signIn } from '../support/client.ts'

type Rows = Record<string, unknown>[]
interface Exported {
  account: Record<string, unknown>
  [section: string]: unknown
}

async function serve(t: Test, backend: (typeof backends)[number]) {
  const app = await buildTestApp(t, { backend, config: { rateLimitAuthPerMinute: 1000 } })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const exportOf = (token: string) => send<Exported>(base, 'GET', '/api/v1/users/me/export', { token })
  return { base, exportOf, db: app.services.database.db }
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { base, exportOf, db } = await serve(t, backend)

    await t.test('everything about the user is there, as a file that no cache keeps', async (t) => {
      const ana = await newUser(base, 'es')
      const code = await newRoom(base, ana.token)
      await signIn(base, ana)
      const answer = await exportOf(ana.token)
      t.equal(answer.status, 200)
      t.match(Object.fromEntries(answer.headers), {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': 'attachment; filename="fluentmeet-export.json"',
        'cache-control': 'no-store',
      })
      t.match(answer.body, {
        exported_at: /^\d{4}-\d\d-\d\dT/,
        account: {
          id: ana.userId,
          email: ana.email,
          full_name: 'Ana Pérez',
          speaking_language: 'es',
          totp_enabled: false,
          totp_confirmed_at: null,
          recovery_codes_left: 0,
          accepted_terms_at: /^\d{4}-/,
        },
        rooms_hosted: [{ room_code: code, name: 'Room', status: 'active', retention_days: 30 }],
        participations: [{ room_code: code, display_name: 'Ana Pérez', role: 'host', status: 'joined' }],
      })
      const own = answer.body.sessions as Rows
      t.equal(own.length, 2)
      for (const session of own) t.match(session, { address: '127.0.0.1', device: /\w/, created_at: /^\d{4}-/ })
    })

    await t.test('nobody else is in it, and no secret', async (t) => {
      const [ana, ben] = [await newUser(base), await newUser(base)]
      const code = await newRoom(base, ben.token)
      await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token: ana.token })
      const setup = await send<{ secret: string }>(base, 'POST', '/api/v1/auth/totp/setup', {
        token: ana.token,
        body: { password: ana.password },
      })
      const { secret } = setup.body
      const totp = new TOTP({ secret: Secret.fromBase32(secret) }).generate()
      const confirmed = await send<{ recovery_codes: string[] }>(base, 'POST', '/api/v1/auth/totp/confirm', {
        token: ana.token,
        body: { code: totp },
      })
      const { body } = await exportOf(ana.token)
      t.match(body.account, { totp_enabled: true, recovery_codes_left: 10 })
      t.match(body.participations, [{ room_code: code, role: 'participant' }])
      t.strictSame(body.rooms_hosted, [])
      const text = JSON.stringify(body)
      for (const other of [ben.email, ben.userId, ana.password, secret, ...confirmed.body.recovery_codes])
        t.notOk(text.includes(other), other)
      t.notMatch(text, /hash|sealed|digest|argon2|"key"/)
      const stored = await db.select().from(users)
      for (const { password_hash, totp_secret_sealed } of stored)
        for (const held of [password_hash, totp_secret_sealed ?? 'none held']) t.notOk(text.includes(held))
    })

    await t.test('what the user said is in it, what others said is not', async (t) => {
      const [ana, ben] = [await newUser(base), await newUser(base)]
      const code = await newRoom(base, ben.token)
      await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token: ana.token })
      const at = new Date()
      const said = (await db.select().from(participants))
        .filter(({ user_id }) => user_id === ana.userId || user_id === ben.userId)
        .map(({ id, room_id, user_id }, seq) => {
          const text = user_id === ana.userId ? 'Good morning' : 'Not for others'
          const caption = { at, seq, caption_id: 'x', revision: 0, language: 'en', texts: {}, speaker_name: 'Ana' }
          return { ...caption, room_id, participant_id: id, text }
        })
      await db.insert(captions).values(said)
      const { body } = await exportOf(ana.token)
      t.match(body.transcript, [{ room_code: code, room_name: 'Room', at: at.toISOString(), text: 'Good morning' }])
      t.equal((body.transcript as Rows).length, 1)
      t.notMatch(JSON.stringify(body), /Not for others/)
    })

    await t.test('who has not proved to own the address is not told what was sent to it', async (t) => {
      const [ana, ben] = [await newUser(base), await newUser(base)]
      await newRoom(base, ben.token)
      const [room] = await db.select().from(rooms).limit(1)
      const at = new Date()
      const expires_at = new Date(at.getTime() + 86_400_000)
      const invitation = { room_id: room?.id ?? '', email: ana.email, created_at: at, expires_at }
      await db.insert(invitations).values({ ...invitation, token_hash: randomUUID() })
      await db
        .insert(mailJobs)
        .values({ id: randomUUID(), kind: 'verify', email: ana.email, not_before: expires_at, created_at: at })
      t.match((await exportOf(ana.token)).body, { invitations: [], mails_pending: [] })
      await createUsersRepository(db).markVerified(ana.userId, at)
      const { body } = await exportOf(ana.token)
      t.match(body.invitations, [{ room_name: 'Room', redeemed_at: null }])
      t.match(body.mails_pending, [{ kind: 'verify' }])
    })

    await t.test('however much it is, every row is there once, and is read only as it is taken', async (t) => {
      const { userId } = await newUser(base)
      const at = new Date()
      const session = { user_id: userId, access_jti: 'x', user_agent: 'a "quoted" one', address: '192.0.2.1' }
      const times = { created_at: at, last_used_at: at, expires_at: at }
      const made = Array.from({ length: 1001 }, () => ({ ...session, ...times, id: randomUUID() }))
      await db.insert(sessions).values(made)

      let pages = 0
      const heldData = createHeldDataRepository(db)
      const read = createExport({
        users: createUsersRepository(db),
        recoveryCodes: createRecoveryCodesRepository(db),
        heldData: {
          ...heldData,
          sessions(...query) {
            pages++
            return heldData.sessions(...query)
          },
        },
        wordsOf: async function* () {},
        audit: { record: async () => undefined },
      })
      const pieces = (await read(userId))[Symbol.asyncIterator]()
      let text = ''
      for (let i = 0; i < 100; i++) text += (await pieces.next()).value
      t.equal(pages, 1, 'a hundred rows are one page')
      for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) text += piece.value
      const ids = (JSON.parse(text).sessions as { id: string }[]).map(({ id }) => id)
      t.equal(ids.length, 1002)
      for (const { id } of made) if (!ids.includes(id)) t.fail(`${id} is missing`)
      t.equal(new Set(ids).size, 1002)
    })

    await t.test('guests have no account to export; an erased user has none any more', async (t) => {
      const ana = await newUser(base)
      const code = await newRoom(base, ana.token)
      const joined = await send<{ guest_token: string }>(base, 'POST', `/api/v1/meetings/${code}/join`, {
        body: { display_name: 'Guest' },
      })
      t.match((await exportOf(joined.body.guest_token)).body, { code: 'FORBIDDEN' })
      t.match((await send(base, 'GET', '/api/v1/users/me/export')).body, { code: 'UNAUTHENTICATED' })
      await send(base, 'DELETE', '/api/v1/users/me', { token: ana.token, body: { password: ana.password } })
      t.match((await exportOf(ana.token)).body, { code: 'TOKEN_REVOKED' })
    })
  })
}

t.test('a failure in its middle does not look like an end', async (t) => {
  const app = await buildTestApp(t, {
    overrides: {
      extend(app) {
        app.get('/broken', { config: { guard: 'public' } }, (_request, reply) =>
          reply.type('application/json').send(
            Readable.from(
              (async function* () {
                yield '{"sessions":['
                throw new Error('the database went away')
              })(),
              { objectMode: false },
            ),
          ),
        )
      },
    },
  })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  await t.rejects(fetch(`${base}/broken`).then((response) => response.text()))
})
