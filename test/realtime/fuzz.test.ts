import { randomBytes } from 'node:crypto'
import { connect as connectTcp } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import t from 'tap'
import type { SignedIn } from '../support/client.ts'
import { listen, type MeetingApp } from '../support/meeting-app.ts'
import { type Frame, type TestSocket, ticketFor } from '../support/socket-client.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What a client that sends rubbish may be closed with: ours, and what RFC 6455 says of broken UTF-8 and framing. */
const DOCUMENTED = [1002, 1007, 1009, 4400, 4429]
/** Ten bad frames of a minute close the connection: a run of nine shows each answer. */
const FRAMES_A_RUN = 9

const TYPES = ['say', 'language.set', 'state.set', 'signal', 'resume', 'ping', 'audio.start', 'audio.stop']
const SERVER_TYPES = [
  'welcome',
  'caption',
  'participant.joined',
  'room.ended',
  'lobby.admitted',
  'error',
  'pong',
  'speech',
]
const NASTY_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'then',
  '',
  '\u0000',
]
const FIELDS = [
  'text',
  'id',
  'final',
  'revision',
  'speaking',
  'listening',
  'to',
  'kind',
  'payload',
  'after_seq',
  'hand',
]
const NUMBERS = ['1e400', '-1e400', '9007199254740993', '-0', '1e-400', '0.1', '123456789012345678901234567890']

const keys = fc.oneof(fc.constantFrom(...FIELDS), fc.constantFrom(...NASTY_KEYS), fc.string({ maxLength: 8 }))
/** JSON text, so that it can hold what JavaScript would not write: duplicate and prototype keys, numbers out of range. */
const { json } = fc.letrec<{ json: string; object: string }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('null', 'true', 'false', '""', '[]', '{}', ...NUMBERS),
    fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
    fc.integer().map(String),
    fc.array(tie('json'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .array(fc.tuple(keys, tie('json')), { maxLength: 4 })
    .map((entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
}))
const typed = fc
  .tuple(fc.constantFrom(...TYPES, ...SERVER_TYPES, ...NASTY_KEYS), fc.array(fc.tuple(keys, json), { maxLength: 5 }))
  .map(([type, entries]) => {
    const fields = entries.map(([key, value]) => `,${JSON.stringify(key)}:${value}`)
    return `{"type":${JSON.stringify(type)}${fields.join('')}}`
  })
const deep = fc
  .tuple(fc.constantFrom('[', '{"a":', '{"__proto__":'), fc.integer({ min: 30, max: 2500 }), fc.boolean())
  .map(([open, depth, closed]) => {
    const end = open === '[' ? ']' : '}'
    return `{"type":"signal","to":"x","kind":"ice","payload":${open.repeat(depth)}0${closed ? end.repeat(depth) : ''}}`
  })
const frames = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: typed },
    { weight: 2, arbitrary: json },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)) },
  ),
  { minLength: 1, maxLength: FRAMES_A_RUN },
)

/** Sends the frames and waits until all were answered or the connection closed; the close code, null while it stands. */
async function feed(socket: TestSocket, sent: readonly (string | Buffer)[]): Promise<number | null> {
  for (const frame of sent) socket.sendRaw(frame)
  socket.send({ type: 'ping', id: 'last' })
  const last = socket.next((frame: Frame) => frame.type === 'pong' && frame.id === 'last').then(() => null)
  return Promise.race([last.catch(() => socket.closed), socket.closed])
}

/** Somebody who only wants to talk. */
async function bystander(app: MeetingApp) {
  const [ben, ana] = [await app.user('en'), await app.user('en')]
  const code = await app.room(ben)
  await app.join(code, ana.token)
  const [speaker, reader] = [await app.enter(code, ben.token), await app.enter(code, ana.token)]
  let n = 0
  return async () => {
    const text = `Still here, ${n++}.`
    speaker.send({ type: 'say', text })
    await reader.next((frame) => frame.source_text === text)
  }
}

async function open(app: MeetingApp, code: string, user: SignedIn): Promise<TestSocket> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = await app.open(code, user.token)
    // The places of the sockets before are given back when the server has seen them gone.
    if (socket.refusal?.status === 429) continue
    await socket.next('welcome')
    return socket
  }
  throw new Error('no place was given back')
}

t.test('whatever a client sends is answered, or closes its own connection only', async (t) => {
  const app = await listen(t, { maxSocketsPerUser: 20 })
  const user = await app.user()
  const code = await app.room(user)
  const talk = await bystander(app)
  const prototype = Reflect.ownKeys(Object.prototype).length

  async function run(sent: readonly (string | Buffer)[]): Promise<void> {
    const socket = await open(app, code, user)
    const end = await feed(socket, sent)
    if (end !== null && !DOCUMENTED.includes(end)) throw new Error(`closed with ${end}`)
    const strange = socket.frames.find(({ type, code }) => type === 'error' && code === 'INTERNAL_ERROR')
    if (strange) throw new Error(`answered ${JSON.stringify(strange)}`)
    socket.close()
    await socket.closed
  }

  await t.test('random frames', async (t) => {
    await fc.assert(fc.asyncProperty(frames, run), { numRuns: 150, interruptAfterTimeLimit: 60_000 })
    await talk()
    t.equal(Reflect.ownKeys(Object.prototype).length, prototype)
  })

  await t.test('every message in the wrong order, and before the welcome', async () => {
    const valid = [
      { type: 'resume', after_seq: 0 },
      { type: 'audio.stop' },
      { type: 'say', id: 'c', text: 'Later.', revision: 5 },
      { type: 'say', id: 'c', text: 'Earlier.', revision: 1, final: false },
      { type: 'state.set', hand: false },
      { type: 'language.set', listening: 'en' },
      { type: 'signal', to: 'nobody', kind: 'bye' },
    ].map((frame) => JSON.stringify(frame))
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(valid, { minLength: valid.length }), async (order) => {
        await run(order)
        const socket = await app.open(code, user.token, {
          onSocket: (ws) =>
            ws.once('open', () => {
              for (const frame of order) ws.send(frame)
            }),
        })
        const end = await feed(socket, [])
        if (end !== null) throw new Error(`closed with ${end}`)
        socket.close()
        await socket.closed
      }),
      { numRuns: 5, interruptAfterTimeLimit: 30_000 },
    )
    await talk()
  })

  await t.test(
    'oversize frames close with 1009, bad UTF-8 and broken framing with what the protocol says',
    async (t) => {
      const closeOf = async (send: (socket: TestSocket) => void) => {
        const socket = await open(app, code, user)
        send(socket)
        return socket.closed
      }
      t.equal(await closeOf((socket) => socket.sendRaw('x'.repeat(16 * 1024 + 1))), 1009)
      t.equal(await closeOf((socket) => socket.sendRaw(Buffer.alloc(32 * 1024 + 1))), 1009)
      t.equal(await closeOf((socket) => socket.sendRaw('x'.repeat(10 * 1024 * 1024))), 1009)
      t.equal(await closeOf((socket) => socket.ws.send(Buffer.from([0xff, 0xfe, 0xc0]), { binary: false })), 1007)
      await talk()
    },
  )

  await t.test('bytes that are no frames at all end that connection', async () => {
    for (let i = 0; i < 20; i++) {
      const ticket = await ticketFor(app.base, code, user.token)
      await rawSocket(app.base, code, ticket, randomBytes(1 + i * 50))
    }
    await talk()
  })

  await t.test('memory returns to about where it was', async (t) => {
    const frame = JSON.stringify({ type: 'signal', to: 'nobody', kind: 'ice', payload: 'x'.repeat(15_000) })
    const storm = async () => {
      for (let i = 0; i < 10; i++) {
        const socket = await open(app, code, user)
        await feed(socket, [...Array(80).fill(frame), ...Array(FRAMES_A_RUN).fill('x'.repeat(16_000))])
        socket.close()
        await socket.closed
      }
    }
    await storm()
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 3; i++) await storm()
    collect()
    const grown = process.memoryUsage().heapUsed - before
    t.ok(grown < 16 * 1024 * 1024, `grew by ${Math.round(grown / 1024)} KiB over 40 MiB of frames`)
    await talk()
  })
})

/** A handshake by hand, then bytes as they are. Resolves when the server has ended the connection. */
function rawSocket(base: string, code: string, ticket: string, bytes: Buffer): Promise<void> {
  const { hostname, port, host } = new URL(base)
  return new Promise((resolve, reject) => {
    const socket = connectTcp(Number(port), hostname)
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.once('data', (head) => {
      if (!head.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(head.toString('latin1')))
      // A frame of a client is masked: one without is an error whatever follows.
      socket.write(Buffer.concat([Buffer.from([0x81, 0x05]), bytes]))
    })
    socket.write(
      [
        `GET /api/v1/ws/meetings/${code} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Sec-WebSocket-Protocol: fluentmeet.v1, ticket.${ticket}`,
        '\r\n',
      ].join('\r\n'),
    )
  })
}
