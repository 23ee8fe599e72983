import t, { type Test } from 'tap'
import { FluentMeetError, MeetingSocket, type SocketStatus } from '../src/index.ts'
import { createFakeClock, createFakeSockets, type FakeSocket, settled } from './fake-socket.ts'

const self = (status: 'joined' | 'waiting') => ({ type: 'welcome', seq: 1, participant: { id: 'me', status } })
const caption = (seq: number, id: string) => ({ type: 'caption', seq, id, revision: 0, final: true, text: id })
const forbidden = () => new FluentMeetError(403, { code: 'FORBIDDEN' })

interface Options {
  tickets?: (() => string)[]
  rejoin?: () => Promise<unknown>
}

/** A meeting socket on fake connections and a fake clock. `tickets`: what asking for each gives, then always one. */
function setup({ tickets = [], rejoin }: Options = {}) {
  const { opened, WebSocket } = createFakeSockets()
  const time = createFakeClock()
  let asked = 0
  const socket = new MeetingSocket({
    url: 'wss://meet.example.org/api/v1/ws/meetings/x',
    ticket: async () => {
      asked++
      return (tickets.shift() ?? (() => `t${asked}`))()
    },
    ...(rejoin ? { rejoin } : {}),
    WebSocket,
    clock: time.clock,
  })
  const heard: string[] = []
  const statuses: SocketStatus[] = []
  const offline: number[] = []
  let gaps = 0
  socket.on('caption', ({ id }) => heard.push(id))
  socket.on('status', (status) => statuses.push(status))
  socket.on('offline', ({ retryInMs }) => offline.push(retryInMs))
  socket.on('gap', () => gaps++)
  const latest = () => {
    const last = opened.at(-1)
    if (!last) throw new Error('no socket was opened')
    return last
  }
  /** Opens the connection that is on its way, up to `online`. */
  async function enter(status: 'joined' | 'waiting' = 'joined', missed: object[] = []): Promise<FakeSocket> {
    await settled()
    const wire = latest()
    wire.open()
    wire.say(self(status))
    for (const frame of missed) wire.say(frame)
    wire.say({ type: 'pong', id: 'resumed' })
    return wire
  }
  return { opened, socket, time, heard, statuses, offline, gaps: () => gaps, asked: () => asked, latest, enter }
}

async function endsWith(t: Test, socket: MeetingSocket, expected: object) {
  t.match(await socket.over, expected)
  t.equal(socket.status, 'over')
}

t.test('it speaks the protocol with a ticket, and is online when all is there', async (t) => {
  const { socket, statuses, enter } = setup()
  t.equal(socket.status, 'idle')
  socket.connect()
  const wire = await enter()
  t.strictSame(wire.protocols, ['fluentmeet.v1', 'ticket.t1'])
  t.equal(wire.binaryType, 'arraybuffer')
  t.strictSame(wire.sent, [{ type: 'ping', id: 'resumed' }], 'there is nothing to resume yet')
  t.strictSame(statuses, ['connecting', 'online'])
})

for (const code of [1001, 1006, 1011, 1012, 1013, 4401, 4408, 4429, 4503])
  t.test(`after ${code} it comes back with a new ticket, and misses nothing`, async (t) => {
    const { socket, time, heard, offline, statuses, enter, asked } = setup()
    socket.connect()
    const before = await enter()
    before.say(caption(2, 'a'))
    before.end(code)
    t.equal(socket.status, 'offline')
    t.equal(offline[0], code === 1013 || code === 4429 ? 5000 : 500)
    await time.pass(5000)
    const after = await enter('joined', [caption(4, 'c'), caption(3, 'b'), caption(2, 'a')])
    t.strictSame(after.of('resume'), [{ type: 'resume', after_seq: 2 }])
    t.strictSame(heard, ['a', 'b', 'c'], 'in order, each once')
    t.equal(asked(), 2)
    t.strictSame(statuses, ['connecting', 'online', 'offline', 'online'])
  })

for (const [code, reason] of [
  [1000, 'left'],
  [4400, 'failed'],
  [4403, 'removed'],
  [4409, 'elsewhere'],
  [4410, 'ended'],
] as const)
  t.test(`${code} is the end: ${reason}`, async (t) => {
    const { opened, socket, time, enter } = setup()
    socket.connect()
    const wire = await enter()
    wire.end(code)
    await endsWith(t, socket, { reason, code, error: null })
    await time.pass(120_000)
    socket.connect()
    await time.pass(120_000)
    t.equal(opened.length, 1)
    t.equal(time.waiting(), 0, 'no timer is left')
    t.equal(socket.say('more'), null)
  })

t.test('pauses double up to their longest, and a connection that stands ends that', async (t) => {
  const { socket, time, offline, enter, latest } = setup()
  socket.connect()
  await settled()
  for (let i = 0; i < 7; i++) {
    latest().end(1006)
    await time.pass(15_000)
  }
  t.strictSame(offline, [500, 1000, 2000, 4000, 8000, 15_000, 15_000])
  const wire = await enter()
  wire.end(1006)
  t.equal(offline.at(-1), 500)
  socket.close()
  await endsWith(t, socket, { reason: 'closed', code: null })
})

t.test('when the network is back it does not wait for the pause', async (t) => {
  const { opened, socket, time, enter, latest } = setup()
  socket.connect()
  const wire = await enter()
  wire.end(1006)
  socket.connect()
  await settled()
  t.not(latest(), wire)
  socket.connect()
  await time.pass(15_000)
  t.equal(opened.length, 2, 'and it does not connect twice')
})

t.test('a ticket that cannot be had for a moment is asked for again, when the server wants it', async (t) => {
  const busy = () => {
    throw new FluentMeetError(429, { code: 'RATE_LIMIT_EXCEEDED' }, { retryAfter: 30 })
  }
  const away = () => {
    throw new TypeError('fetch failed')
  }
  const { socket, time, offline, asked, enter } = setup({ tickets: [busy, away] })
  socket.connect()
  await time.pass(29_999)
  t.equal(asked(), 1)
  await time.pass(2000)
  t.strictSame(offline, [30_000, 1000])
  t.equal(asked(), 3)
  await enter()
  t.equal(socket.status, 'online')
})

t.test('a ticket that is refused for good is the end, and says why', async (t) => {
  const refuse = () => {
    throw new FluentMeetError(401, { code: 'TOKEN_EXPIRED' })
  }
  const { socket, enter, time } = setup({ tickets: [() => 't1', refuse] })
  socket.connect()
  const wire = await enter()
  wire.end(4401)
  await time.pass(1000)
  await endsWith(t, socket, { reason: 'refused', error: { code: 'TOKEN_EXPIRED' } })
})

t.test('who was away for long joins once more; who waited at the door does not', async (t) => {
  const refuse = () => {
    throw forbidden()
  }
  for (const [status, rejoins] of [
    ['joined', 1],
    ['waiting', 0],
  ] as const) {
    let joined = 0
    const { socket, time, enter } = setup({ tickets: [() => 't1', refuse], rejoin: async () => joined++ })
    socket.connect()
    const wire = await enter(status)
    wire.end(1006)
    await time.pass(1000)
    t.equal(joined, rejoins, status)
    if (rejoins === 0) await endsWith(t, socket, { reason: 'refused', error: { code: 'FORBIDDEN' } })
    else await enter()
    socket.close()
  }
})

t.test('lines go out one by one when one is inside, and again after a cut, until they are heard', async (t) => {
  const { socket, time, enter, heard } = setup()
  const waiting: number[] = []
  socket.on('lines', (lines) => waiting.push(lines.length))
  const first = socket.say('one')
  const second = socket.say('two')
  socket.connect()
  const wire = await enter('waiting')
  t.strictSame(wire.of('say'), [], 'not from the door')
  wire.say(self('joined'))
  t.strictSame(wire.of('say'), [{ type: 'say', ...first }])
  wire.end(1006)
  await time.pass(1000)
  const next = await enter()
  t.strictSame(next.of('say'), [{ type: 'say', ...first }])
  next.say(caption(2, first?.id ?? ''))
  t.strictSame(next.of('say').at(-1), { type: 'say', ...second })
  next.say(caption(3, first?.id ?? ''))
  next.say(caption(4, second?.id ?? ''))
  t.strictSame(heard, [first?.id, second?.id], 'what went out twice is shown once')
  t.strictSame(waiting, [1, 2, 1, 0])
})

t.test('a line is said again when the server is busy, and given back when it refuses', async (t) => {
  const { socket, time, enter } = setup()
  const refused: string[] = []
  socket.on('refused', ({ line, error }) => refused.push(`${line.text} ${error?.code ?? null}`))
  socket.connect()
  const wire = await enter()
  const line = socket.say('one')
  socket.say('two')
  const error = (code: string) => ({ type: 'error', code, message: '', ref: line?.id })
  wire.say(error('SERVICE_UNAVAILABLE'))
  wire.say({ type: 'error', code: 'VALIDATION_ERROR', message: '', ref: 'state.set' })
  await time.pass(2000)
  t.equal(wire.of('say').length, 2)
  wire.say(error('VALIDATION_ERROR'))
  t.strictSame(refused, ['one VALIDATION_ERROR'])
  t.equal(wire.of('say').at(-1)?.text, 'two')
  wire.end(1009)
  t.strictSame(refused.at(-1), 'two null', 'what was too big is not sent again')
})

t.test(
  'a number that is too long ago: everything is asked for, and if that is not kept either it says so',
  async (t) => {
    const conflict = { type: 'error', code: 'CONFLICT', message: '', ref: 'resume' }
    for (const [code, isKept, gaps] of [
      [1006, false, 1],
      [1006, true, 1],
      [1001, true, 0],
      [1001, false, 1],
    ] as const) {
      const { socket, time, heard, gaps: told, enter, latest } = setup()
      socket.connect()
      const wire = await enter()
      wire.say(caption(5, 'a'))
      wire.end(code)
      await time.pass(1000)
      const next = latest()
      next.open()
      next.say({ ...self('joined'), seq: 90 })
      next.say(conflict)
      next.say({ type: 'pong', id: 'resumed' })
      t.equal(socket.status, 'offline', 'not yet')
      t.strictSame(
        next.of('resume').map(({ after_seq }) => after_seq),
        [5, 0],
      )
      if (isKept) next.say(caption(89, 'b'))
      else next.say(conflict)
      next.say(caption(91, 'c'))
      next.say({ type: 'pong', id: 'resumed-anew' })
      t.equal(socket.status, 'online')
      t.equal(told(), gaps, `${code} ${isKept}`)
      t.strictSame(heard, isKept ? ['a', 'b', 'c'] : ['a', 'c'])
      socket.close()
    }
  },
)

t.test('a resume that fails for a moment is tried with another connection', async (t) => {
  const { socket, time, heard, enter, latest } = setup()
  socket.connect()
  const wire = await enter()
  wire.say(caption(2, 'a'))
  wire.end(1006)
  await time.pass(1000)
  const failed = latest()
  failed.open()
  failed.say(self('joined'))
  failed.say({ type: 'error', code: 'SERVICE_UNAVAILABLE', message: '', ref: 'resume' })
  failed.say(caption(9, 'not yet'))
  failed.say({ type: 'pong', id: 'resumed' })
  t.equal(socket.status, 'offline')
  await time.pass(2000)
  await enter('joined', [caption(3, 'b')])
  t.strictSame(heard, ['a', 'b'])
})

t.test('it pings, and gives up a connection on which nothing comes', async (t) => {
  const { socket, time, offline, enter, latest } = setup()
  socket.connect()
  const wire = await enter()
  for (let i = 0; i < 5; i++) {
    await time.pass(20_000)
    wire.say({ type: 'pong', at: '' })
  }
  t.equal(wire.of('ping').length, 6)
  t.strictSame(offline, [])
  await time.pass(60_500)
  t.strictSame(offline, [500])
  t.equal(wire.readyState, 3)
  t.not(latest(), wire)
  wire.say(caption(2, 'late'))
  wire.end(4410)
  t.equal(socket.status, 'offline', 'what comes on it counts no more')
})

t.test('sound goes both ways as it is, and none is kept for a way that is full or lost', async (t) => {
  const { socket, enter } = setup()
  const sounds: ArrayBuffer[] = []
  socket.on('audio', (sound) => sounds.push(sound))
  const samples = new Int16Array([1, 2]).buffer
  t.equal(socket.sendAudio(samples), false)
  socket.connect()
  const wire = await enter()
  t.equal(socket.sendAudio(samples), true)
  t.equal(wire.sent.at(-1), samples)
  wire.bufferedAmount = 65_536
  t.equal(socket.sendAudio(samples), false)
  wire.say(samples)
  t.strictSame(sounds, [samples])
  wire.end(1006)
  t.equal(socket.sendAudio(samples), false)
  t.equal(socket.send({ type: 'state.set', hand: true }), false)
})

t.test('closed while a ticket is on its way it opens nothing, and a listener can be taken away', async (t) => {
  const { opened, socket } = setup()
  const statuses: string[] = []
  const stop = socket.on('status', (status) => statuses.push(status))
  socket.connect()
  stop()
  socket.close()
  await settled()
  t.equal(opened.length, 0)
  t.strictSame(statuses, ['connecting'])
  await endsWith(t, socket, { reason: 'closed' })
})
