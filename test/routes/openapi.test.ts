import type { Static } from '@sinclair/typebox'
import t from 'tap'
import { ERROR_STATUS, type ErrorCode } from '../../errors.ts'
import { AuditEvent, AuditFiles } from '../../schemas/audit.ts'
import { exampleOf } from '../../schemas/examples.ts'
import { PollResults, PollResultsCsv, PollShown } from '../../schemas/polls.ts'
import { TranscriptCaption, TranscriptFiles } from '../../schemas/transcripts.ts'
import { AUDIT_FORMATS } from '../../services/audit/formats.ts'
import { toCsv } from '../../services/polls/csv.ts'
import { FORMATS } from '../../services/transcripts/formats.ts'
import { buildTestApp } from '../helper.ts'
import { createChecker, errorsOf, escaped, lint } from '../support/documents.ts'
import { type Described, problemsOfOperation } from '../support/openapi-guard.ts'

const app = await buildTestApp(t, { config: { publicUrl: 'https://meet.test' } })
const described = (await app.inject('/openapi.json')).json<Described>()
const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

t.test('the description is OpenAPI 3.1 to a linter, and needs nothing from elsewhere', async (t) => {
  t.equal(described.openapi, '3.1.0')
  // The one operation without an answer of 2xx is the socket, which answers 101.
  t.same(await lint(described, { 'operation-2xx-response': 'off' }), [])
  const broken = { ...described, components: { ...described.components, schemas: {} } }
  t.match((await lint(broken)).join('\n'), /no-unresolved-refs/, 'what is wrong would be found')
})

const checkAt = createChecker(described)
for (const { path, method, operation } of operations)
  t.test(`${method.toUpperCase()} ${path} is described in full, with examples that are valid`, async (t) => {
    t.same(problemsOfOperation(operation, described), [])
    const at = `/paths/${escaped(path)}/${method}`
    const bodies = [
      ...Object.entries(operation.requestBody?.content ?? {}).map(([type, media]) => ({
        place: `${at}/requestBody/content/${escaped(type)}/schema`,
        values: [media.example],
      })),
      ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content).map(([type, { example, examples }]) => ({
          place: `${at}/responses/${status}/content/${escaped(type)}/schema`,
          values: examples ? Object.keys(examples).map(errorExample) : [example],
        })),
      ),
      ...(operation.parameters ?? []).map(({ example }, i) => ({
        place: `${at}/parameters/${i}/schema`,
        values: example === undefined ? [] : [example],
      })),
    ]
    for (const { place, values } of bodies)
      for (const value of values) t.same(errorsOf(checkAt(place), value), [], `${place}: ${JSON.stringify(value)}`)
  })

function errorExample(code: string): unknown {
  return described.components.examples[code]?.value
}

t.test('each error shows its code under the status that it comes with', async (t) => {
  for (const { path, method, operation } of operations)
    for (const [status, { content = {} }] of Object.entries(operation.responses))
      for (const code of Object.keys(content['application/json']?.examples ?? {})) {
        t.equal(ERROR_STATUS[code as ErrorCode], Number(status), `${method} ${path} ${code}`)
        t.match(errorExample(code), { status: 'error', code, message: String, request_id: String })
      }
})

t.test('no two operations have the same id', async (t) => {
  const ids = operations.map(({ operation }) => operation.operationId)
  t.equal(new Set(ids).size, ids.length)
})

t.test('the main nouns are components, and an answer with one refers to it', async (t) => {
  t.match(described.components.schemas, {
    User: {},
    Meeting: {},
    Participant: {},
    Poll: {},
    PollResults: {},
    Error: {},
  })
  const { responses } = described.paths['/api/v1/users/me']?.get ?? { responses: {} }
  t.same(responses[200]?.content?.['application/json']?.schema, { $ref: '#/components/schemas/User' })
})

t.test('a noun is the same over HTTP and on the socket', async (t) => {
  const { components } = (await app.inject('/asyncapi.json')).json<Pick<Described, 'components'>>()
  const both = Object.keys(components.schemas).filter((name) => name in described.components.schemas)
  t.ok(both.includes('Participant'))
  for (const name of both) t.strictSame(components.schemas[name], described.components.schemas[name], name)
})

t.test('files are shown as they are written', async (t) => {
  const caption = exampleOf(TranscriptCaption) as Parameters<typeof FORMATS.vtt.caption>[0]
  const about = { room: { room_code: 'x', name: 'x' }, language: 'en' }
  for (const [name, { examples }] of Object.entries(TranscriptFiles)) {
    const { head, caption: write, tail } = FORMATS[name as keyof typeof FORMATS]
    t.equal(examples?.[0], head(about) + write(caption, 0) + tail, name)
  }
  const [poll, results] = [exampleOf(PollShown), exampleOf(PollResults)] as Parameters<typeof toCsv>
  t.equal(PollResultsCsv.examples?.[0], toCsv(poll, results))
  const event = exampleOf(AuditEvent) as Static<typeof AuditEvent>
  for (const name of ['ndjson', 'csv'] as const) {
    const { head, rows, tail } = AUDIT_FORMATS[name]
    t.equal(AuditFiles[name].examples?.[0], head(true) + rows([event], 0, true) + tail, name)
  }
})

t.test('what the guard looks for', async (t) => {
  const [whole] = operations.filter(({ operation }) => operation.operationId === 'createMeeting')
  if (!whole) return void t.fail('no such operation')
  const { operation } = whole
  const { 201: made, ...errors } = operation.responses
  const json = { 'application/json': { schema: {} } }
  const faults: Record<string, [object, RegExp]> = {
    'no id': [{ operationId: undefined }, /operationId/],
    'no summary': [{ summary: '' }, /summary/],
    'no tag': [{ tags: [] }, /tag/],
    'a tag that is not described': [{ tags: ['other'] }, /tag/],
    'no word on security': [{ security: undefined }, /security/],
    'security by an unknown scheme': [{ security: [{ magic: [] }] }, /security/],
    'a body without an example': [{ requestBody: { content: json } }, /body .* example/],
    'an answer without an example': [
      { responses: { ...errors, 201: { description: 'x', content: json } } },
      /201 .* example/,
    ],
    'no good answer': [{ responses: errors }, /no good answer/],
    'no errors': [{ responses: { 201: made } }, /no errors/],
    'an error without an example': [
      { responses: { ...operation.responses, 404: { description: 'x', content: json } } },
      /404 .* example/,
    ],
  }
  for (const [name, [change, expected]] of Object.entries(faults))
    t.match(problemsOfOperation({ ...operation, ...change }, described).join('\n'), expected, name)
})
