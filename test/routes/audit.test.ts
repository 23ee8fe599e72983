import t, { type Test } from 'tap'
import type { AuditEvent, AuditPage } from '../../schemas/audit.ts'
import { buildTestApp, captureLog } from '../helper.ts'
import { byKey, newApiKey } from '../support/api-keys.ts'
import { hostCalls } from '../support/app-pair.ts'
import { documentedHash, makeAdmin, rowsOf } from '../support/audit.ts'
import { type Backend, backends } from '../support/backends.ts'
import { newUser, type SignedIn, send, signIn } from '../support/client.ts'
import { openRedisState } from '../support/states.ts'

const UUID = /^[0-9a-f-]{36}$/
const DIGEST = /^[\w-]{43}$/

async function open(t: Test, backend: Backend) {
  const urls = await backend.open(t)
  const log = captureLog()
  const state = urls.redisUrl ? { state: await openRedisState(t, urls.redisUrl) } : {}
  const config = { ...urls, rateLimitAuthPerMinute: 10_000, rateLimitDefaultPerMinute: 10_000 }
  const app = await buildTestApp(t, { config, overrides: { translator: null, logger: log.logger, ...state } })
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  const { db } = app.services.database
  const api = <T = Record<string, never>>(method: string, path: string, token?: string, body?: unknown) =>
    send<T>(base, method, `/api/v1${path}`, { ...(token ? { token } : {}), ...(body === undefined ? {} : { body }) })
  const admin = await newUser(base)
  await makeAdmin(db, admin.userId)
  return {
    ...{ app, base, db, api, admin, log },
    /** What the admin finds, oldest first. */
    async found(query: string): Promise<AuditEvent[]> {
      const { status, body } = await api<AuditPage>('GET', `/audit?limit=200&${query}`, admin.token)
      if (status !== 200) throw new Error(JSON.stringify(body))
      return body.events.reverse()
    },
    async text(path: string, token: string) {
      const answer = await fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    },
  }
}

const named = (events: AuditEvent[]) => events.map(({ action, outcome }) => `${action} ${outcome}`)

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const world = await open(t, backend)
    const { base, db, api, admin, found, text, log } = world

    await t.test('what happens to an account is in the trail, with who, where and which request', async (t) => {
      const ana = await newUser(base, 'es')
      const wrong = await api('POST', '/auth/login', undefined, { email: ana.email, password: 'not the right one' })
      const change = { current_password: ana.password, new_password: 'another long passphrase' }
      const changed = await api('POST', '/auth/change-password', ana.token, change)
      t.equal(changed.status, 204)
      t.equal((await api('POST', '/auth/totp/setup', ana.token, { password: change.new_password })).status, 200)
      t.equal((await api('GET', '/users/me/export', ana.token)).status, 200)
      t.equal((await api('POST', '/auth/logout', ana.token)).status, 204)
      const again = await signIn(base, { ...ana, password: change.new_password })
      const erasure = { password: change.new_password }
      t.equal((await api('DELETE', '/users/me', again.token, erasure)).status, 204)

      const events = await found(`subject=${ana.userId}`)
      t.strictSame(named(events), [
        'signup success',
        'login success',
        'login failure',
        'password_changed success',
        'totp_setup success',
        'export success',
        'logout success',
        'login success',
        'user_deleted success',
      ])
      for (const event of events) t.match(event, { address: DIGEST, request_id: /\w/, room_id: null })
      t.strictSame(
        events.map(({ actor_kind, actor_id }) => (actor_kind === 'user' ? actor_id : actor_kind)),
        ['anonymous', ana.userId, 'anonymous', ana.userId, ana.userId, ana.userId, ana.userId, ana.userId, ana.userId],
      )
      t.equal(events[2]?.request_id, wrong.headers.get('x-request-id'))
      t.equal(events[3]?.request_id, changed.headers.get('x-request-id'))
      t.match(events[1]?.details, { session_id: UUID })
      const line = log.of('security').find(({ request_id }) => request_id === events[3]?.request_id)
      t.match(line, { action: 'password_changed', outcome: 'success', subject: ana.userId }, 'and in the log')
    })

    await t.test('what is done with API keys, and by them, is in the trail', async (t) => {
      const ana = await newUser(base)
      const { id, key } = await newApiKey(base, ana.token)
      const made = await byKey<{ room_code: string }>(base, key, 'POST', '/api/v1/meetings', { name: 'By a machine' })
      t.equal((await byKey(base, key, 'GET', '/api/v1/users/me')).status, 403)
      t.equal((await byKey(base, key, 'GET', '/api/v1/audit')).status, 403)
      const fresh = await api<{ id: string }>('POST', `/api-keys/${id}/rotate`, ana.token)
      t.equal((await api('DELETE', `/api-keys/${id}`, admin.token)).status, 204, 'by an admin')
      t.equal((await byKey(base, key, 'GET', '/api/v1/meetings')).status, 401)
      t.match((await found(`subject=${ana.userId}`)).slice(2), [
        { action: 'api_key_created', actor_id: ana.userId, details: { key_id: id } },
        { action: 'api_key_rotated', actor_id: ana.userId, details: { key_id: id, replaced_by: fresh.body.id } },
        { action: 'api_key_revoked', actor_id: admin.userId, details: { key_id: id } },
      ])
      t.match(await found(`actor_id=${id}`), [
        { action: 'room_created', actor_kind: 'api_key', subject: UUID },
        { action: 'api_key_refused', outcome: 'refused', subject: id, details: { code: 'FORBIDDEN' } },
        {
          action: 'api_key_refused',
          outcome: 'refused',
          subject: id,
          address: DIGEST,
          details: { code: /TOKEN_REVOKED|UNAUTH/ },
        },
      ])
      t.equal(made.status, 201)
    })

    await t.test('no address, name, password or token is in any row', async (t) => {
      await api('POST', '/auth/login', undefined, { email: 'nobody@example.org', password: 'a secret phrase 42' })
      const rows = JSON.stringify(await rowsOf(db))
      t.match(rows, 'login')
      t.notMatch(rows, /@|example\.org|Ana|127\.0\.0\.1|secret phrase|passphrase|eyJ/)
      const [unknown] = (await found('action=login&outcome=failure')).slice(-1)
      t.match(unknown, {
        subject: DIGEST,
        actor_kind: 'anonymous',
        actor_id: null,
        details: { reason: 'invalid_credentials' },
      })
    })

    await t.test('failures that somebody repeats are one row in a minute', async (t) => {
      const ana = await newUser(base)
      for (const _ of [1, 2, 3])
        await api('POST', '/auth/login', undefined, { email: ana.email, password: 'wrong again' })
      t.strictSame(named(await found(`subject=${ana.userId}`)), ['signup success', 'login success', 'login failure'])
      const lines = log.of('security').filter(({ subject, outcome }) => subject === ana.userId && outcome === 'failure')
      t.equal(lines.length, 3, 'each is in the log')
    })

    await t.test('what hosts do in a room is in the trail, and they read it without addresses', async (t) => {
      const [host, co, other] = [await newUser(base), await newUser(base), await newUser(base)]
      const code = (await api<{ room_code: string }>('POST', '/meetings', host.token, { name: 'Secret plans' })).body
        .room_code
      const join = async (token?: string, body: object = {}) =>
        (await api<{ participant: { id: string } }>('POST', `/meetings/${code}/join`, token, body)).body.participant.id
      await join(host.token)
      const coId = await join(co.token)
      const calls = hostCalls({ base } as never, code, host.token)
      t.equal(await calls.role(coId, 'co_host'), 200)
      t.equal(await calls.configure({ lock_room: true }), 200)
      const [first, second] = [
        await join(undefined, { display_name: 'Guest' }),
        await join(undefined, { display_name: 'Bot' }),
      ]
      t.equal(await calls.admit(first), 200)
      t.equal(await calls.reject(second), 204)
      t.equal(await calls.kick(first), 204)
      await calls.kick(first)
      await api('POST', `/meetings/${code}/invite`, host.token, { emails: ['x@example.org', 'y@example.org'] })
      const poll = (
        await api<{ id: string }>('POST', `/meetings/${code}/polls`, co.token, {
          question: 'Tea?',
          options: ['Yes', 'No'],
        })
      ).body.id
      await api('POST', `/polls/${poll}/open`, co.token)
      await api('POST', `/polls/${poll}/close`, host.token)
      await api('DELETE', `/polls/${poll}`, host.token)
      await text(`/meetings/${code}/transcript?format=txt`, co.token)
      t.equal(await calls.end(), 204)

      const { body } = await api<AuditPage>('GET', `/audit?room_code=${code}`, co.token)
      const events = body.events.reverse()
      t.strictSame(
        events.map(({ action, subject, actor_id }) => [action, subject, actor_id]),
        [
          ['room_created', events[0]?.room_id, host.userId],
          ['participant_role_changed', coId, host.userId],
          ['room_configured', events[0]?.room_id, host.userId],
          ['participant_admitted', first, host.userId],
          ['participant_rejected', second, host.userId],
          ['participant_kicked', first, host.userId],
          ['invitations_sent', events[0]?.room_id, host.userId],
          ['poll_opened', poll, co.userId],
          ['poll_closed', poll, host.userId],
          ['poll_deleted', poll, host.userId],
          ['transcript_exported', events[0]?.room_id, co.userId],
          ['room_ended', events[0]?.room_id, host.userId],
        ],
      )
      t.match(
        events.map(({ details }) => details).filter((details) => Object.keys(details).length > 0),
        [
          { role: 'co_host' },
          { lock_room: true },
          { sent: 2, failed: 0 },
          { format: 'txt', language: null },
          { reason: 'host' },
        ],
      )
      for (const event of events) {
        t.equal(event.room_id, events[0]?.room_id)
        t.notOk('address' in event || 'hash' in event || 'prev_hash' in event)
        t.match(event.request_id, /\w/)
      }
      t.equal((await api('GET', `/audit?room_code=${code}`, other.token)).status, 404, 'not theirs to know of')
      const asAdmin = await found(`room_code=${code}&action=room_ended`)
      t.match(asAdmin, [{ address: DIGEST, hash: DIGEST, details: { reason: 'host' } }], 'an admin sees all of it')
      t.equal((await api('DELETE', `/meetings/${code}`, host.token)).status, 204)
      t.match(await found(`subject=${events[0]?.room_id}&action=room_deleted`), [{ actor_id: host.userId }])
    })

    await t.test('filters and pages find each event once, newest first', async (t) => {
      const everything = await rowsOf(db)
      const seen: number[] = []
      const upTo = everything.length
      let cursor: number | null = upTo + 1
      while (cursor) {
        const path: string = `/audit?limit=7&cursor=${cursor}`
        const { body } = await api<AuditPage>('GET', path, admin.token)
        seen.push(...body.events.map(({ seq }) => seq))
        cursor = body.next_cursor
      }
      t.strictSame(seen, everything.map(({ seq }) => seq).reverse())
      const middle = everything[Math.floor(upTo / 2)]
      const moment = encodeURIComponent(middle?.at.toISOString() ?? '')
      const later = await found(`from=${moment}`)
      t.strictSame(
        later.filter(({ seq }) => seq <= upTo).map(({ seq }) => seq),
        everything.filter(({ at }) => middle && at >= middle.at).map(({ seq }) => seq),
      )
      const before = await found(`to=${moment}`)
      t.ok(before.length > 0 && before.every(({ at }) => middle && new Date(at) < middle.at))
      for (const event of await found('outcome=failure')) t.equal(event.outcome, 'failure')
      for (const event of await found(`actor_id=${admin.userId}`)) t.equal(event.actor_id, admin.userId)
      t.ok((await found('address=127.0.0.1')).length > 3, 'by the address of a client')
      t.ok((await found('address=::ffff:127.0.0.1')).length > 3, 'however it is written')
      t.strictSame(await found('address=192.0.2.77'), [])
      for (const bad of [
        'limit=201',
        'limit=0',
        'cursor=0',
        'action=x',
        'from=yesterday',
        'format=xml',
        'address=zz',
        'q=1',
      ]) {
        const { status, body } = await api<{ details: { field: string }[] }>('GET', `/audit?${bad}`, admin.token)
        t.equal(status, 400, bad)
        t.match(body.details[0]?.field, /^querystring/, bad)
      }
    })

    await t.test('exports hold the same events; their hashes can be checked by anybody who can hash', async (t) => {
      const ndjson = await text('/audit?format=ndjson', admin.token)
      t.equal(ndjson.status, 200)
      t.match(ndjson.headers.get('content-type'), 'application/x-ndjson')
      t.match(ndjson.headers.get('content-disposition'), /^attachment; filename="FluentMeet audit [\d-]+\.ndjson";/)
      const lines = ndjson.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditEvent)
      t.equal(lines[0]?.seq, 1)
      for (const [i, line] of lines.entries()) {
        t.equal(line.prev_hash, i === 0 ? 'A'.repeat(43) : lines[i - 1]?.hash)
        t.equal(line.hash, documentedHash(line))
      }
      const json = JSON.parse((await text('/audit?format=json', admin.token)).text) as AuditPage
      t.strictSame(json.events.slice(0, lines.length), lines)
      const last = json.events.at(-1)
      t.match(last, {
        action: 'audit_exported',
        actor_id: admin.userId,
        details: { format: 'ndjson', rows: lines.length },
      })

      const csv = await text('/audit?format=csv&action=signup', admin.token)
      t.match(csv.headers.get('content-type'), 'text/csv')
      const [head, ...rest] = csv.text.trimEnd().split('\r\n')
      t.match(head, '"seq","at","action","outcome","actor_kind","actor_id","subject"')
      t.equal(rest.length, lines.filter(({ action }) => action === 'signup').length)
      for (const cell of csv.text.matchAll(/"((?:[^"]|"")*)"/g)) t.notMatch(cell[1], /^\s*[=+\-@\t]/, 'no formula')
    })

    await t.test('the role is in the user, and whoever loses it is out at once', async (t) => {
      const ana = await newUser(base)
      const role = async ({ token }: SignedIn) => (await api<{ role: string }>('GET', '/users/me', token)).body.role
      t.equal(await role(ana), 'user')
      t.equal((await api('GET', '/audit', ana.token)).status, 403)
      await makeAdmin(db, ana.userId)
      t.equal(await role(ana), 'admin')
      t.equal((await api('GET', '/audit', ana.token)).status, 200, 'with the token that it had')
      t.match((await api('GET', '/audit/chain', ana.token)).body, { seq: Number, hash: DIGEST, broken_seq: null })
      await makeAdmin(db, ana.userId, 'user')
      t.equal((await api('GET', '/audit', ana.token)).status, 403)
      t.equal((await api('GET', '/audit/chain', ana.token)).status, 403)
      const own = named(await found(`actor_id=${ana.userId}`))
      t.strictSame(own, ['login success', 'admin_access refused', 'audit_read success'])
    })
  })
}
