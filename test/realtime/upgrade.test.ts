import t from 'tap'
import { isHandshake, originAllowed, readProtocols } from '../../realtime/upgrade.ts'

t.test('the ticket is read beside the protocol', async (t) => {
  t.strictSame(readProtocols('fluentmeet.v1, ticket.abc-_9'), { offered: true, ticket: 'abc-_9' })
  t.strictSame(readProtocols('ticket.abc,fluentmeet.v1'), { offered: true, ticket: 'abc' })
  t.strictSame(readProtocols('fluentmeet.v1'), { offered: true, ticket: null })
  t.strictSame(readProtocols(undefined), { offered: false, ticket: null })
})

t.test('a protocol header that the handshake would refuse, or with two tickets, is malformed', async (t) => {
  for (const header of ['', 'a,,b', 'a b', 'a,a', 'ticket.a,ticket.b', 'x'.repeat(300)])
    t.equal(readProtocols(header), null)
})

t.test('origins', async (t) => {
  const strict = { allowedOrigins: ['https://app.example.org'], publicUrl: 'https://meet.example.org/base' }
  t.ok(originAllowed(undefined, strict))
  t.ok(originAllowed('https://app.example.org', strict))
  t.ok(originAllowed('https://meet.example.org', strict))
  for (const origin of [
    'null',
    '',
    'https://evil.example',
    'https://app.example.org.evil.example',
    'http://app.example.org',
  ]) {
    t.notOk(originAllowed(origin, strict), origin)
  }
  const open = { allowedOrigins: ['*'], publicUrl: 'http://localhost:3000' }
  t.ok(originAllowed('https://anything.example', open))
  t.notOk(originAllowed('null', open))
})

t.test('a handshake that cannot succeed is known before', async (t) => {
  const good = { upgrade: 'websocket', 'sec-websocket-key': `${'a'.repeat(22)}==`, 'sec-websocket-version': '13' }
  t.ok(isHandshake(good))
  t.notOk(isHandshake({ ...good, upgrade: 'h2c' }))
  t.notOk(isHandshake({ ...good, 'sec-websocket-key': 'short' }))
  t.notOk(isHandshake({ ...good, 'sec-websocket-version': '7' }))
})
