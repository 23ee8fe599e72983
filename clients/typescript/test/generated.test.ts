import { readFileSync } from 'node:fs'
import t from 'tap'
import { clientTypes } from '../../../scripts/generate-clients/client-types.ts'
import { documentsOf, GENERATED } from '../../../scripts/generate-clients.ts'
import { buildTestApp } from '../../../test/helper.ts'
import { isRestart, OVER, TOO_BIG } from '../src/socket/codes.ts'

const app = await buildTestApp(t)
const documents = await documentsOf(app)

t.test('the types are those of the documents: if not, run `npm run clients:generate`', async (t) => {
  t.equal(clientTypes(documents), readFileSync(GENERATED, 'utf8'))
})

t.test('a call, a frame or a field that changes would change the types', async (t) => {
  const changed = JSON.parse(JSON.stringify(documents).replaceAll('"room_code"', '"room_name"'))
  t.not(clientTypes(changed), clientTypes(documents))
  const other = JSON.parse(JSON.stringify(documents.asyncapi).replaceAll('"joined_at"', '"came_at"'))
  t.throws(() => clientTypes({ ...documents, asyncapi: other }), /do not agree on what Participant is/)
})

t.test('a close code after which the server wants nobody back ends it', async (t) => {
  const { channels } = documents.asyncapi as {
    channels: { meeting: { 'x-close-codes': { code: number; reconnect: boolean }[] } }
  }
  const codes = channels.meeting['x-close-codes']
  // 4401: a new token may be had. TOO_BIG: without what was too big.
  const again = new Set([4401, TOO_BIG])
  for (const { code, reconnect } of codes) t.equal(code in OVER, !reconnect && !again.has(code), String(code))
  t.ok(codes.filter(({ code }) => isRestart(code)).every(({ reconnect }) => reconnect))
})
