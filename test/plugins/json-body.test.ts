import { randomUUID } from 'node:crypto'
import t from 'tap'
import { buildTestApp } from '../helper.ts'

t.test('JSON bodies', async (t) => {
  const app = await buildTestApp(t)
  const json = { 'content-type': 'application/json' }
  const login = (payload: string) => app.inject({ method: 'POST', url: '/api/v1/auth/login', payload, headers: json })

  await t.test('an empty body is no body: a route that needs none goes on', async (t) => {
    const { token } = app.services.tokens.issueAccess(randomUUID(), randomUUID())
    const headers = { ...json, authorization: `Bearer ${token}` }
    const answer = await app.inject({ method: 'POST', url: '/api/v1/auth/logout', payload: '', headers })
    t.equal(answer.statusCode, 204)
  })

  await t.test('a route that needs one says so', async (t) => {
    const answer = await login('')
    t.equal(answer.statusCode, 400)
    t.match(answer.json(), { code: 'VALIDATION_ERROR', details: [{ field: 'body' }] })
  })

  await t.test('joining needs no body', async (t) => {
    const answer = await app.inject({ method: 'POST', url: `/api/v1/meetings/${'a'.repeat(26)}/join` })
    t.equal(answer.statusCode, 404, 'it got as far as the room that is not there')
  })

  await t.test('what is no JSON, or reaches for a prototype, is malformed', async (t) => {
    for (const payload of ['{', '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}']) {
      const answer = await login(payload)
      t.equal(answer.statusCode, 400)
      t.equal(answer.json().code, 'MALFORMED_REQUEST')
    }
  })
})
