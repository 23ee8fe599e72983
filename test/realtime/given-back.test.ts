import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createMemoryState } from '../../state/memory/state.ts'
import { StateUnavailableError } from '../../state/state.ts'
import { captureLog } from '../helper.ts'
import type { SignedIn } from '../support/client.ts'
import { send } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'

/** An app that counts how often each lease is given back, and whose next lease or room waits for the test where it says so. */
async function openCounted(t: Test) {
  const memory = createMemoryState({ failures: { max: 5, windowMs: 900_000 } })
  const gates = { acquire: Promise.resolve(), subscribe: Promise.resolve() }
  /** By connection. */
  const leases = new Map<string, number>()
  const seen = { acquiring: 0, rooms: 0 }
  const state: typeof memory = {
    ...memory,
    socketLeases: {
      ...memory.socketLeases,
      async acquire(subject, connectionId, max) {
        seen.acquiring += 1
        await gates.acquire
        leases.set(connectionId, 0)
        return memory.socketLeases.acquire(subject, connectionId, max)
      },
      release(subject, connectionId) {
        leases.set(connectionId, (leases.get(connectionId) ?? 0) + 1)
        return memory.socketLeases.release(subject, connectionId)
      },
    },
    roomEvents: {
      ...memory.roomEvents,
      async subscribe(roomId, listener) {
        seen.rooms += 1
        await gates.subscribe
        const unsubscribe = await memory.roomEvents.subscribe(roomId, listener)
        return () => {
          seen.rooms -= 1
          unsubscribe()
        }
      },
    },
  }
  const app = await listen(t, { maxSocketsPerUser: 1 }, { state, translator: null })
  const user = await app.user()
  const code = await app.room(user)
  const counts = () => [...leases.values()]
  /** So many sockets were admitted so far, and each gave its lease back once. */
  const allBack = (sockets: number) =>
    until(() => counts().length === sockets && counts().every((times) => times === 1))
  return { app, user, code, gates, seen, counts, allBack }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(5)
}

/** A client that asks for a socket, and then does only what the test does. */
async function rawClient(base: string, code: string, { token }: SignedIn) {
  const { host, hostname, port } = new URL(base)
  const client = connectTcp(Number(port), hostname).on('error', () => undefined)
  await once(client, 'connect')
  const lines = [
    ...[`GET /api/v1/ws/meetings/${code} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${token}`],
    ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Protocol: fluentmeet.v1'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
  ]
  client.write(`${lines.join('\r\n')}\r\n\r\n`)
  return client
}

t.test('what a socket was admitted with is given back once, however it ends', async (t) => {
  const { app, user, code, counts, allBack } = await openCounted(t)

  const closes = await app.enter(code, user.token)
  closes.close()
  await allBack(1)

  const vanishes = await app.enter(code, user.token)
  vanishes.ws.terminate()
  await allBack(2)

  const breaks = await rawClient(app.base, code, user)
  await once(breaks, 'data')
  // A frame of a client is masked.
  breaks.write(Buffer.from([0x81, 0x01, 0x61]))
  await allBack(3)
  breaks.destroy()

  const tooMuch = await app.enter(code, user.token)
  tooMuch.sendRaw(' '.repeat(17 * 1024))
  t.equal(await tooMuch.closed, 1009)
  await allBack(4)

  const loggedOut = await app.enter(code, user.token)
  await send(app.base, 'POST', '/api/v1/auth/logout', { token: user.token })
  t.equal(await loggedOut.closed, 4401)
  await allBack(5)
  await app.close()
  t.strictSame(counts(), [1, 1, 1, 1, 1])
})

t.test('a client that is gone before it was admitted holds nothing', async (t) => {
  const { app, user, code, gates, seen, counts, allBack } = await openCounted(t)
  const gate = Promise.withResolvers<void>()
  gates.acquire = gate.promise
  const client = await rawClient(app.base, code, user)
  await until(() => seen.acquiring === 1)
  client.destroy()
  await once(client, 'close')
  gate.resolve()
  await allBack(1)
  await app.close()
  t.strictSame(counts(), [1])
})

t.test('a client that is gone before its room was open leaves the room when it is', async (t) => {
  const { app, user, code, gates, seen, counts, allBack } = await openCounted(t)
  const gate = Promise.withResolvers<void>()
  gates.subscribe = gate.promise
  const { ws } = await app.open(code, user.token)
  await until(() => seen.rooms === 1)
  ws.terminate()
  await allBack(1)
  t.equal(seen.rooms, 1)
  gate.resolve()
  await until(() => seen.rooms === 0)
  await app.close()
  t.strictSame(counts(), [1])
})

t.test('a client that does not answer the close is cut off, and the server ends', async (t) => {
  const { app, user, code, counts } = await openCounted(t)
  const client = await rawClient(app.base, code, user)
  await once(client, 'data')
  client.pause()
  await app.close()
  t.strictSame(counts(), [1])
  client.destroy()
})

t.test('places that cannot be given back are one line a second, however many they are', async (t) => {
  const memory = createMemoryState({ failures: { max: 5, windowMs: 900_000 } })
  let released = 0
  const state: typeof memory = {
    ...memory,
    socketLeases: {
      ...memory.socketLeases,
      async release() {
        released += 1
        throw new StateUnavailableError('Redis is gone')
      },
    },
  }
  const log = captureLog()
  const app = await listen(t, { maxSocketsPerUser: 20 }, { state, logger: log.logger, translator: null })
  const user = await app.user()
  const code = await app.room(user)
  const sockets = []
  for (let i = 0; i < 20; i++) sockets.push(await app.enter(code, user.token))
  const began = performance.now()
  for (const { ws } of sockets) ws.terminate()
  await until(() => released === 20)
  const seconds = Math.ceil((performance.now() - began) / 1000)
  const lines = log.entries().filter(({ msg }) => msg === 'the place of a socket could not be given back')
  t.ok(lines.length >= 1 && lines.length <= seconds, `${lines.length} lines in ${seconds} s`)
  t.match(lines[0], { level: 'warn', times: 1, err: { message: 'Redis is gone' } })
})
