import t from 'tap'
import type { Connection } from '../../realtime/connection.ts'
import { createTokenEnds } from '../../realtime/token-ends.ts'
import type { Principal } from '../../services/principal.ts'

const DAY_MS = 86_400_000

// The ends themselves keep no process running.
const awake = setInterval(() => {}, 1000)
t.teardown(() => clearInterval(awake))

/** A connection of a key, as far as its end is concerned, and how it was closed. */
function connectionOf(keyId: string, livesMs: number) {
  const principal: Principal = {
    ...{ kind: 'api_key', keyId, userId: 'ana', sessionId: keyId, scopes: ['meetings:write'] },
    expiresAt: Date.now() + livesMs,
  }
  const closed = Promise.withResolvers<[number, string]>()
  const outcome = { closed: closed.promise, isClosed: false }
  const close = (code: number, reason: string) => {
    outcome.isClosed = true
    closed.resolve([code, reason])
  }
  const connection = { admission: { principal }, endsAt: principal.expiresAt, close } as unknown as Connection
  return { connection, outcome }
}

t.test('a key that lives longer than any timer closes nothing before its time', async (t) => {
  const [long, short] = [connectionOf('long', 365 * DAY_MS), connectionOf('short', 20)]
  const connections = [long.connection, short.connection]
  const ends = createTokenEnds({ endsOf: async () => new Map(), connections })
  for (const connection of connections) ends.watch(connection)
  t.same(await short.outcome.closed, [4401, 'the API key has expired'])
  t.notOk(long.outcome.isClosed)
})

t.test('an end that a rotation brought forward counts for sockets that are open', async (t) => {
  const { connection, outcome } = connectionOf('rotated', 90 * DAY_MS)
  const endsOf = async (ids: readonly string[]) => new Map(ids.map((id) => [id, Date.now() + 20]))
  const ends = createTokenEnds({ endsOf, connections: [connection] })
  ends.watch(connection)
  await ends.refresh()
  t.same(await outcome.closed, [4401, 'the API key has expired'])
})

t.test('a key whose revocation nobody told of is found out', async (t) => {
  const asked: (readonly string[])[] = []
  const connections = new Set<Connection>()
  const endsOf = async (ids: readonly string[]) => {
    asked.push(ids)
    return new Map([['good', Date.now() + DAY_MS]])
  }
  const ends = createTokenEnds({ endsOf, connections })
  await ends.refresh()
  t.same(asked, [], 'nobody has a socket by a key: nobody is asked')
  const [good, gone, again] = [connectionOf('good', DAY_MS), connectionOf('gone', DAY_MS), connectionOf('gone', DAY_MS)]
  for (const { connection } of [good, gone, again]) {
    connections.add(connection)
    ends.watch(connection)
  }
  await ends.refresh()
  t.same(asked, [['good', 'gone']], 'each key once')
  for (const { outcome } of [gone, again]) t.same(await outcome.closed, [4401, 'the API key has been revoked'])
  t.notOk(good.outcome.isClosed)
  connections.clear()
  await ends.refresh()
  t.equal(asked.length, 1, 'nobody asks for the keys of sockets that are gone')
})
