import type { RouteOptions } from 'fastify'
import t from 'tap'
import { SCOPES } from '../../schemas/api-keys.ts'
import { buildTestApp } from '../helper.ts'
import { problemsOf } from '../support/schema-guard.ts'

const routes: RouteOptions[] = []
const app = await buildTestApp(t, {
  overrides: { extend: (app) => void app.addHook('onRoute', (route) => void routes.push(route)) },
})

t.ok(routes.length > 40, 'every route is seen')

for (const route of routes) {
  const { method, url, schema, config } = route
  t.test(`${[method].flat().join(',')} ${url}`, async (t) => {
    t.match(config?.guard, /^(public|optional|user|participant|admin|refresh_cookie|scraper)$/, 'says what guards it')
    if (config?.scope !== undefined) t.ok(SCOPES.includes(config.scope), 'names a scope that keys can have')
    t.ok(
      schema?.response && Object.keys(schema.response).some((status) => /^[123]/.test(status)),
      'says what it answers',
    )
    for (const part of ['body', 'querystring', 'params', 'headers'] as const)
      t.same(schema?.[part] === undefined ? [] : problemsOf(schema[part], part), [], `${part} is strict and bounded`)
    const named = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name)
    t.same(
      Object.keys((schema?.params as { properties?: object } | undefined)?.properties ?? {}),
      named,
      'parameters are declared',
    )
    if (method === 'GET') t.notOk(schema?.body)
  })
}

interface Operation {
  security?: Record<string, string[]>[]
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>
  parameters?: { in: string; name: string; required?: boolean }[]
  requestBody?: object
}

const { paths } = (await app.inject('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>()

for (const { method, url, schema, config } of routes) {
  const name = [method].flat().join(',')
  if (schema?.hide || name === 'HEAD') continue
  t.test(`the description of ${name} ${url} lists what the request path can answer`, async (t) => {
    const operation = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[name.toLowerCase()]
    if (!operation) return void t.fail('is described')
    const { guard, limit, scope } = config ?? {}
    const changes = name !== 'GET'
    const expected = [
      ...[400, 500],
      ...(limit === 'none' ? [] : [429, 503]),
      ...(guard === 'public' ? [] : [401]),
      ...((guard !== 'public' && guard !== 'scraper') || changes ? [403] : []),
      ...(changes ? [413, 415] : []),
    ]
    for (const status of expected) {
      const body = operation.responses[status]?.content?.['application/json']?.schema
      t.equal(body?.$ref, '#/components/schemas/Error', `${status} with the error body`)
    }
    const byKey = operation.security?.filter((way) => 'api_key' in way) ?? []
    t.same(byKey, scope ? [{ api_key: [scope] }] : [], 'says which API keys it takes')
    if (guard === 'refresh_cookie')
      t.match(operation.parameters, [{ in: 'header', name: 'x-csrf-token', required: true }])
  })
}

t.test('what the guard looks for', async (t) => {
  const string = { type: 'string', maxLength: 5 }
  const strict = (properties: object) => ({ type: 'object', additionalProperties: false, properties })
  t.same(problemsOf(strict({ a: string, b: { type: 'array', maxItems: 2, items: strict({ c: string }) } }), 'body'), [])
  const loose: Record<string, unknown> = {
    'an object': { type: 'object', properties: {} },
    'an object inside': strict({ a: { type: 'object', properties: {} } }),
    'a string': strict({ a: { type: 'string' } }),
    'a string by an open pattern': strict({ a: { type: 'string', pattern: '^a' } }),
    'an array': strict({ a: { type: 'array', items: string } }),
    'an array of anything': strict({ a: { type: 'array', maxItems: 2 } }),
    'a number': strict({ a: { type: 'integer', minimum: 1 } }),
    'a string in a union': strict({ a: { anyOf: [{ type: 'null' }, { type: 'string' }] } }),
    'an array of strings': strict({ a: { type: 'array', maxItems: 2, items: { type: 'string' } } }),
    anything: strict({ a: {} }),
    'a record': { type: 'object', additionalProperties: false, patternProperties: { '.*': { type: 'string' } } },
    'an intersection': { allOf: [strict({}), strict({ a: { type: 'string' } })] },
  }
  for (const [name, schema] of Object.entries(loose)) t.ok(problemsOf(schema, 'body').length > 0, name)
})

t.test('a route that does not say what guards it stops the boot', async (t) => {
  const add = (config: object) => ({
    overrides: {
      extend: (app: Parameters<NonNullable<import('../../app.ts').Overrides['extend']>>[0]) =>
        void app.get('/x', { config }, () => 'x'),
    },
  })
  await t.rejects(buildTestApp(t, add({})), /GET \/x does not say what guards it/)
  await t.rejects(buildTestApp(t, add({ guard: 'nobody' })), /does not say what guards it/)
  await t.rejects(buildTestApp(t, add({ guard: 'user', limit: 'auth' })), /cannot be guarded by a token/)
  await t.rejects(buildTestApp(t, add({ guard: 'user', limit: 'none' })), /must be public/)
  await t.rejects(buildTestApp(t, add({ guard: 'public', scope: 'pipeline' })), /cannot be guarded by a scope/)
  await t.rejects(buildTestApp(t, add({ guard: 'user', scope: 'all' })), /cannot be guarded by a scope/)
  await t.rejects(buildTestApp(t, add({ guard: 'refresh_cookie' })), /needs the CSRF hook/)
  await t.rejects(buildTestApp(t, add({ guard: 'scraper' })), /needs a hook that knows scrapers/)
})
