import t from 'tap'
import { CLOSE } from '../../realtime/limits.ts'
import { CLIENT_MESSAGES, SERVER_MESSAGES } from '../../schemas/meeting-socket.ts'
import { buildTestApp } from '../helper.ts'
import { asyncapiProblems, createChecker, errorsOf, lint } from '../support/documents.ts'

interface Message {
  name: string
  contentType: string
  summary: string
  payload: object
  examples: { payload: { type?: string } }[]
}
interface Described {
  asyncapi: string
  servers: Record<string, { host: string; protocol: string }>
  channels: { meeting: { messages: Record<string, { $ref: string }>; 'x-close-codes': { code: number }[] } }
  operations: Record<string, { action: string; messages: { $ref: string }[] }>
  components: { messages: Record<string, Message>; schemas: Record<string, object> }
}

const app = await buildTestApp(t, { config: { publicUrl: 'https://meet.example.org' } })
const answer = await app.inject('/asyncapi.json')
const described = answer.json<Described>()
const { messages } = described.components

t.test('the description of the meeting socket is AsyncAPI 3.0, by its schema and by a linter', async (t) => {
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, { 'content-type': 'application/json; charset=utf-8' })
  t.equal(described.asyncapi, '3.0.0')
  t.match(described.servers.here, { host: 'meet.example.org', protocol: 'wss' })
  t.same(asyncapiProblems(described), [])
  t.same(await lint(described), [])
})

t.test('what is wrong would be found', async (t) => {
  t.not(asyncapiProblems({ ...described, operations: { x: { action: 'shout' } } }).length, 0)
  const lost = { ...described, components: { ...described.components, schemas: {} } }
  t.match((await lint(lost)).join('\n'), /no-unresolved-refs/)
})

t.test('every message of both sides is there, and those that are sound', async (t) => {
  const expected = [
    ...Object.keys(CLIENT_MESSAGES).map((type) => `client.${type}`),
    ...Object.keys(SERVER_MESSAGES).map((type) => `server.${type}`),
    ...['client.audio', 'server.audio'],
  ].sort()
  t.same(Object.keys(messages).sort(), expected)
  t.same(Object.keys(described.channels.meeting.messages).sort(), expected)
  for (const [name, action, sender] of [
    ['receiveFromClient', 'receive', 'client'],
    ['sendToClient', 'send', 'server'],
  ] as const) {
    const operation = described.operations[name]
    t.equal(operation?.action, action)
    const said = operation?.messages.map(({ $ref }) => $ref.replace('#/channels/meeting/messages/', '')).sort()
    t.same(
      said,
      expected.filter((message) => message.startsWith(`${sender}.`)),
    )
  }
})

t.test('every message says what it is for, and its example is one', async (t) => {
  const check = createChecker(described)
  for (const [key, { name, contentType, summary, examples }] of Object.entries(messages)) {
    t.match(summary, /\w.*\.$/, key)
    t.ok(examples.length > 0, `${key} has an example`)
    for (const { payload } of examples) {
      t.same(errorsOf(check(`/components/messages/${key}/payload`), payload), [], key)
      if (contentType === 'application/json') t.equal(payload.type, name)
    }
  }
})

t.test('every code with which the server closes is explained', async (t) => {
  const codes = described.channels.meeting['x-close-codes'].map(({ code }) => code)
  t.same(codes.sort(), Object.values(CLOSE).toSorted())
})
