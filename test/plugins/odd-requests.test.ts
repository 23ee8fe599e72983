import t from 'tap'
import { buildTestApp } from '../helper.ts'
import { sendRaw } from '../support/raw-http.ts'

t.test('TRACE is not answered with what was sent, and CONNECT not at all', async (t) => {
  const app = await buildTestApp(t)
  const base = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const path of ['/', '/livez', '/api/v1/auth/login']) {
    const head = `TRACE ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer echo.echo.echo\r\nconnection: close\r\n\r\n`
    const answer = await sendRaw(base, head)
    t.equal(answer.status, 405, path)
    t.notMatch(`${JSON.stringify(answer.headers)}${answer.body}`, /echo/, 'nothing comes back')
  }
  t.equal((await sendRaw(base, 'CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n')).body, '')
})

t.test('a parameter that comes twice is none that a route takes', async (t) => {
  const app = await buildTestApp(t, {
    overrides: {
      extend(app) {
        const querystring = {
          type: 'object',
          additionalProperties: false,
          properties: { page: { type: 'integer', maximum: 9 }, role: { type: 'string', maxLength: 9 } },
        }
        app.get('/listed', { config: { guard: 'public' }, schema: { querystring } }, async ({ query }) => query)
      },
    },
  })
  t.same((await app.inject('/listed?page=1&role=host')).json(), { page: 1, role: 'host' })
  for (const [query, field] of Object.entries({
    'page=1&page=2': 'querystring.page',
    'role=guest&role=host': 'querystring.role',
    'role[]=host': 'querystring.role__',
    'role%5Bx%5D=host': 'querystring.role_x_',
  })) {
    const answer = await app.inject(`/listed?${query}`)
    t.equal(answer.statusCode, 400, query)
    t.match(answer.json(), { code: 'VALIDATION_ERROR', details: [{ field }] })
  }
})
