import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'

const PASSWORD = 'correct horse battery staple'

/** A client of the app with a token of its own. */
function clientOf(app: FastifyInstance, token?: string) {
  return async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, payload?: object, headers = {}) => {
    const authorization = token ? { authorization: `Bearer ${token}` } : {}
    const response = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { ...authorization, ...headers },
      ...(payload ? { payload } : {}),
    })
    return { status: response.statusCode, body: response.body === '' ? null : response.json() }
  }
}

async function signUp(app: FastifyInstance, name: string) {
  const anonymous = clientOf(app)
  const email = `${name.toLowerCase()}@example.org`
  await anonymous('POST', '/auth/signup', { email, password: PASSWORD, full_name: name, accepted_terms: true })
  const { body } = await anonymous('POST', '/auth/login', { email, password: PASSWORD })
  return clientOf(app, body.access_token)
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const app = await buildTestApp(t, { backend })
    const anonymous = clientOf(app)
    const host = await signUp(app, 'Hanna')
    const ana = await signUp(app, 'Ana')
    const newRoom = async (settings = {}) =>
      (await host('POST', '/meetings', { name: 'Stand-up', settings })).body.room_code
    const newGuest = async (room: string) => {
      const { body } = await anonymous('POST', `/meetings/${room}/join`, { display_name: 'Guest' })
      return { participant: body.participant, call: clientOf(app, body.guest_token) }
    }

    await t.test('a host makes a room, and finds it again', async (t) => {
      const made = await host('POST', '/meetings', {
        name: "O'Brien's a < b",
        scheduled_at: new Date(Date.now() + 60_000).toISOString(),
        settings: {
          max_participants: 2,
          lock_room: false,
          allow_guests: true,
          enable_transcription: false,
          retention_days: 0,
        },
      })
      t.match(made, {
        status: 201,
        body: { name: "O'Brien's a < b", status: 'scheduled', settings: { max_participants: 2 } },
      })
      const { room_code, join_url } = made.body
      t.ok(join_url.endsWith(`/join/${room_code}`))
      t.same((await host('GET', `/meetings/${room_code}`)).body, made.body)
      t.match(await host('GET', '/meetings?role=host&per_page=1'), {
        status: 200,
        body: { total: 1, meetings: [{ room_code, role: 'host' }] },
      })
      t.match(await ana('GET', '/meetings'), { status: 200, body: { total: 0, meetings: [] } })
    })

    await t.test('a call without a good token is 401, and one of a guest where a user must be is 403', async (t) => {
      const room = await newRoom()
      const guest = await newGuest(room)
      t.match(await anonymous('POST', '/meetings', { name: 'x' }), { status: 401, body: { code: 'UNAUTHENTICATED' } })
      t.equal((await anonymous('GET', `/meetings/${room}`)).status, 401)
      t.equal((await anonymous('POST', `/meetings/${room}/ws-ticket`)).status, 401)
      t.equal((await guest.call('POST', '/meetings', { name: 'x' })).status, 403)
      t.equal((await clientOf(app, 'x.y.z')('POST', `/meetings/${room}/join`, { display_name: 'G' })).status, 401)
    })

    await t.test('a body that is not exactly what is asked for is 400 and names the field', async (t) => {
      const room = await newRoom()
      const bad: [string, object, string][] = [
        ['/meetings', { name: '<script>' }, 'name'],
        ['/meetings', { name: 'x'.repeat(121) }, 'name'],
        ['/meetings', { name: 'x', host: 'me' }, 'body'],
        ['/meetings', { name: 'x', settings: { max_participants: 1001 } }, 'max_participants'],
        ['/meetings', { name: 'x', settings: { retention_days: -1 } }, 'retention_days'],
        ['/meetings', { name: 'x', settings: { lock_room: 'yes' } }, 'lock_room'],
        ['/meetings', { name: 'x', scheduled_at: 'tomorrow' }, 'scheduled_at'],
        ['/meetings', { name: 'x', scheduled_at: '0000-01-01T00:00:00Z' }, 'scheduled_at'],
        ['/meetings', { name: 'x', scheduled_at: '2027-02-30T10:00:00Z' }, 'scheduled_at'],
        [`/meetings/${room}/join`, { display_name: 'a\u202eb' }, 'display_name'],
        [`/meetings/${room}/join`, { speaking_language: 'English' }, 'speaking_language'],
        [`/meetings/${room}/join`, { invitation: 'x' }, 'invitation'],
        [`/meetings/${room}/invite`, { emails: [] }, 'emails'],
        [`/meetings/${room}/invite`, { emails: ['a@b', 'nobody'] }, 'emails'],
        [`/meetings/${room}/invite`, { emails: Array.from({ length: 21 }, () => 'a@example.org') }, 'emails'],
        [`/meetings/${room}/invite`, { emails: ['a@example.org\r\nBcc: b@example.org'] }, 'emails'],
      ]
      for (const [path, body, field] of bad) {
        const answer = await host('POST', path, body)
        t.match(answer, { status: 400, body: { status: 'error', code: 'VALIDATION_ERROR' } }, JSON.stringify(body))
        t.ok(
          answer.body.details.some((detail: { field: string }) => detail.field.includes(field)),
          `names ${field}`,
        )
      }
      t.match(await anonymous('POST', `/meetings/${room}/join`, {}), {
        status: 400,
        body: { code: 'VALIDATION_ERROR', details: [{ field: 'body.display_name' }] },
      })
    })

    await t.test('users and guests join, see who is there, and leave', async (t) => {
      const room = await newRoom()
      const joined = await ana('POST', `/meetings/${room}/join`, { speaking_language: 'es' })
      t.match(joined, {
        status: 200,
        body: { status: 'joined', participant: { display_name: 'Ana', speaking_language: 'es' } },
      })
      t.notOk('guest_token' in joined.body)
      const guest = await newGuest(room)
      const list = await guest.call('GET', `/meetings/${room}/participants`)
      t.same(list, { status: 200, body: { participants: [joined.body.participant, guest.participant] } })
      t.match(await ana('GET', '/meetings?role=participant'), {
        body: { meetings: [{ room_code: room, role: 'participant' }] },
      })

      t.equal((await guest.call('POST', `/meetings/${room}/leave`)).status, 204)
      t.match(await guest.call('GET', `/meetings/${room}`), { status: 401, body: { code: 'TOKEN_REVOKED' } })
      t.equal((await ana('POST', `/meetings/${room}/leave`)).status, 204)
      t.same((await host('GET', `/meetings/${room}/participants`)).body, { participants: [], lobby: [] })
    })

    await t.test('a participant gets a ticket for a socket', async (t) => {
      const room = await newRoom()
      await ana('POST', `/meetings/${room}/join`, {})
      const answer = await ana('POST', `/meetings/${room}/ws-ticket`)
      t.match(answer, { status: 200, body: { ticket: /^[\w-]{43}$/, expires_in: 30 } })
      t.match(await host('POST', `/meetings/${room}/ws-ticket`), { status: 403, body: { code: 'FORBIDDEN' } })
    })

    await t.test('outsiders get 404, plain participants 403 on what a host does', async (t) => {
      const room = await newRoom()
      const outsiders = [ana, (await newGuest(await newRoom())).call]
      const inside = (await newGuest(room)).call
      for (const outsider of outsiders) {
        for (const [method, path] of [
          ['GET', ''],
          ['DELETE', ''],
          ['POST', '/end'],
          ['POST', '/leave'],
          ['GET', '/participants'],
          ['POST', '/ws-ticket'],
        ] as const)
          t.match(await outsider(method, `/meetings/${room}${path}`), { status: 404, body: { code: 'NOT_FOUND' } })
        t.equal((await outsider('PATCH', `/meetings/${room}/config`, { lock_room: true })).status, 404)
      }
      t.equal((await inside('PATCH', `/meetings/${room}/config`, { lock_room: true })).status, 403)
      t.equal((await inside('POST', `/meetings/${room}/end`)).status, 403)
      t.equal((await inside('DELETE', `/meetings/${room}`)).status, 403)
      t.match((await host('GET', `/meetings/${room}`)).body, { status: 'active', settings: { lock_room: false } })
    })

    await t.test('a host configures, ends and deletes', async (t) => {
      const room = await newRoom({ max_participants: 2 })
      t.match(await host('PATCH', `/meetings/${room}/config`, { allow_guests: false }), {
        status: 200,
        body: { settings: { allow_guests: false, max_participants: 2 } },
      })
      t.equal((await anonymous('POST', `/meetings/${room}/join`, { display_name: 'G' })).status, 403)
      await host('PATCH', `/meetings/${room}/config`, { allow_guests: true })
      const guest = await newGuest(room)
      await newGuest(room)
      t.match(await ana('POST', `/meetings/${room}/join`, {}), { status: 409, body: { code: 'ROOM_FULL' } })
      t.equal((await host('POST', `/meetings/${room}/join`, {})).status, 200, 'strangers do not keep the host out')

      t.equal((await host('POST', `/meetings/${room}/end`)).status, 204)
      t.match(await ana('POST', `/meetings/${room}/join`, {}), { status: 409, body: { code: 'ROOM_ENDED' } })
      t.match(await host('PATCH', `/meetings/${room}/config`, {}), { status: 409, body: { code: 'ROOM_ENDED' } })
      t.match(await guest.call('GET', `/meetings/${room}`), { status: 401, body: { code: 'TOKEN_REVOKED' } })
      t.equal((await host('DELETE', `/meetings/${room}`)).status, 204)
      t.equal((await host('GET', `/meetings/${room}`)).status, 404)
      t.equal((await ana('POST', `/meetings/${room}/join`, {})).status, 404)
    })
  })
}
