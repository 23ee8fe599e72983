import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { users } from '../../repositories/schema.ts'
import type { Scope } from '../../schemas/api-keys.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { buildTestApp } from '../helper.ts'
import { backends } from '../support/backends.ts'
import { createTestClock, FAILURES, openRedisState } from '../support/states.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
type Call = (method: Method, path: string, payload?: object) => Promise<{ status: number; code: string | null }>

interface Person {
  id: string
  call: Call
}

/** What the calls are about: one who waits, one who is inside, and a poll that is open. */
interface Targets {
  waiting: string
  inside: string
  poll: string
}

const POLL = { question: 'Tea?', options: ['Yes', 'No'] }
const VOTE = { option_ids: ['1'] }

/** Every call on a room and its polls but joining and leaving, by who may make it: whoever may know of the room, is inside, votes, may open a socket, was there, is a host, is the host. */
const CALLS: {
  kind: 'room' | 'inside' | 'vote' | 'socket' | 'there' | 'host' | 'owner'
  method: Method
  path: Path
  body?: object
}[] = [
  { kind: 'room', method: 'GET', path: () => '' },
  { kind: 'inside', method: 'GET', path: () => '/participants' },
  { kind: 'socket', method: 'POST', path: () => '/ws-ticket' },
  { kind: 'there', method: 'GET', path: () => '/transcript' },
  { kind: 'inside', method: 'GET', path: () => '/polls' },
  { kind: 'inside', method: 'GET', path: ({ poll }) => `/polls/${poll}/results` },
  { kind: 'vote', method: 'POST', path: ({ poll }) => `/polls/${poll}/vote`, body: VOTE },
  { kind: 'host', method: 'POST', path: () => '/polls', body: POLL },
  { kind: 'host', method: 'POST', path: ({ poll }) => `/polls/${poll}/open` },
  { kind: 'host', method: 'POST', path: ({ poll }) => `/polls/${poll}/close` },
  { kind: 'host', method: 'DELETE', path: ({ poll }) => `/polls/${poll}` },
  { kind: 'host', method: 'PATCH', path: () => '/config', body: { max_participants: 77 } },
  { kind: 'host', method: 'POST', path: () => '/invite', body: { emails: ['somebody@example.net'] } },
  { kind: 'owner', method: 'PATCH', path: ({ inside }) => `/participants/${inside}`, body: { role: 'co_host' } },
  { kind: 'host', method: 'POST', path: ({ waiting }) => `/admit/${waiting}` },
  { kind: 'host', method: 'POST', path: ({ waiting }) => `/reject/${waiting}` },
  { kind: 'host', method: 'POST', path: () => '/admit-all' },
  { kind: 'host', method: 'POST', path: () => '/reject-all' },
  { kind: 'host', method: 'POST', path: ({ inside }) => `/kick/${inside}` },
  { kind: 'host', method: 'POST', path: () => '/end' },
  { kind: 'host', method: 'DELETE', path: () => '' },
]
type Path = (targets: Targets) => string

/** Calls on a poll do not name its room. */
const urlOf = (room: string, path: string) => (path.startsWith('/polls/') ? path : `/meetings/${room}${path}`)
type Kind = (typeof CALLS)[number]['kind']

/** What each may not do, by the status of the refusal. What is not named is allowed. */
const REFUSALS: Record<string, { [kind in Kind]?: number | undefined }> = {
  anonymous: all(401),
  stranger: all(404),
  'a guest of another room': all(404),
  'one who waits, a guest': { inside: 403, vote: 403, there: 403, host: 403, owner: 403 },
  'one who waits, a user': { inside: 403, vote: 403, there: 403, host: 403, owner: 403 },
  'one who waited and went away': all(404),
  'one who was rejected, a guest': all(403),
  'one who was rejected, a user': all(403),
  'one who was kicked, a guest': all(401),
  'one who was kicked, a user': all(403),
  'one who left': { inside: 403, vote: 403, socket: 403, host: 403, owner: 403 },
  'a plain participant': { host: 403, owner: 403 },
  'a guest': { host: 403, owner: 403 },
  'a co-host': { owner: 403 },
  'a key of a stranger': { ...all(404), vote: 403 },
  'a key of one who was kicked': all(403),
  'a key of a plain participant': { vote: 403, host: 403, owner: 403 },
  'a key of a plain participant that reads meetings': { vote: 403, socket: 403, there: 403, host: 403, owner: 403 },
  'a key of a plain participant that reads transcripts': { ...all(403), there: undefined },
  'a key of the host for speech and translation': all(403),
  'a key of the host that reads': { vote: 403, socket: 403, host: 403, owner: 403 },
}

function all(status: number): Record<Kind, number> {
  return { room: status, inside: status, vote: status, socket: status, there: status, host: status, owner: status }
}

const bearer = (token?: string): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {})

function callerOf(app: FastifyInstance, headers: Record<string, string>): Call {
  return async (method, path, payload) => {
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers, ...(payload ? { payload } : {}) })
    return { status: answer.statusCode, code: answer.statusCode < 400 ? null : answer.json().code }
  }
}

async function openWorld(app: FastifyInstance) {
  const inject = async (method: Method, path: string, payload: object, token?: string) => {
    const answer = await app.inject({ method, url: `/api/v1${path}`, headers: bearer(token), payload })
    if (answer.statusCode >= 400) throw new Error(`${method} ${path} answered ${answer.statusCode}: ${answer.body}`)
    return answer.body === '' ? {} : answer.json()
  }
  /** Somebody signed in, without the cost of a password's hash. */
  async function account() {
    const { database, tokens } = app.services
    const [id, at] = [randomUUID(), new Date()]
    const languages = { speaking_language: 'en', listening_language: 'en' }
    const times = { accepted_terms_at: at, created_at: at, updated_at: at }
    const email = `${id}@example.org`
    await database.db.insert(users).values({ id, email, password_hash: 'x', full_name: 'Ana', ...languages, ...times })
    return tokens.issueAccess(id, randomUUID()).token
  }
  const hostToken = await account()
  const byHost = (method: Method, path: string, body: object = {}) => inject(method, path, body, hostToken)

  /** A room of the host; nobody is in it. */
  const newRoom = async () => (await byHost('POST', '/meetings', { name: 'Room' })).room_code as string
  async function openPoll(room: string): Promise<string> {
    const { id } = await byHost('POST', `/meetings/${room}/polls`, POLL)
    await byHost('POST', `/polls/${id}/open`)
    return id
  }
  const lock = (room: string, lock_room: boolean) => byHost('PATCH', `/meetings/${room}/config`, { lock_room })

  async function guest(room: string, display_name = randomUUID()): Promise<Person> {
    const { participant, guest_token } = await inject('POST', `/meetings/${room}/join`, { display_name })
    return { id: participant.id, call: callerOf(app, bearer(guest_token)) }
  }
  async function user(room: string): Promise<Person & { token: string }> {
    const token = await account()
    const { participant } = await inject('POST', `/meetings/${room}/join`, {}, token)
    return { id: participant.id, call: callerOf(app, bearer(token)), token }
  }
  /** A machine with a key of somebody. */
  async function machine(token: string, ...scopes: Scope[]): Promise<Call> {
    const { key } = await inject('POST', '/api-keys', { name: 'Machine', scopes }, token)
    return callerOf(app, { 'x-api-key': key })
  }
  const meetings = ['meetings:read', 'meetings:write', 'transcripts:read'] as const
  /** Everybody of the table, each as it says, and whom the calls are about. */
  async function people(room: string): Promise<{ cast: Record<string, Call>; targets: Targets }> {
    const [plain, coHost, left] = [await user(room), await user(room), await user(room)]
    const [inside, target] = [await guest(room), await guest(room)]
    await byHost('PATCH', `/meetings/${room}/participants/${coHost.id}`, { role: 'co_host' })
    await left.call('POST', `/meetings/${room}/leave`)
    await lock(room, true)
    const [waitingGuest, waitingUser, waiting] = [await guest(room), await user(room), await guest(room)]
    const [rejectedGuest, rejectedUser, withdrawn] = [await guest(room), await user(room), await user(room)]
    for (const { id } of [rejectedGuest, rejectedUser]) await byHost('POST', `/meetings/${room}/reject/${id}`)
    await withdrawn.call('POST', `/meetings/${room}/leave`)
    const [kickedGuest, kickedUser] = [await guest(room), await user(room)]
    for (const { id } of [kickedGuest, kickedUser]) await byHost('POST', `/meetings/${room}/admit/${id}`)
    for (const { id } of [kickedGuest, kickedUser]) await byHost('POST', `/meetings/${room}/kick/${id}`)
    const cast = {
      anonymous: callerOf(app, {}),
      stranger: callerOf(app, bearer(await account())),
      'a guest of another room': (await guest(await newRoom())).call,
      'one who waits, a guest': waitingGuest.call,
      'one who waits, a user': waitingUser.call,
      'one who waited and went away': withdrawn.call,
      'one who was rejected, a guest': rejectedGuest.call,
      'one who was rejected, a user': rejectedUser.call,
      'one who was kicked, a guest': kickedGuest.call,
      'one who was kicked, a user': kickedUser.call,
      'one who left': left.call,
      'a plain participant': plain.call,
      'a guest': inside.call,
      'a co-host': coHost.call,
      'a key of a stranger': await machine(await account(), ...meetings),
      'a key of one who was kicked': await machine(kickedUser.token, ...meetings),
      'a key of a plain participant': await machine(plain.token, ...meetings),
      'a key of a plain participant that reads meetings': await machine(plain.token, 'meetings:read'),
      'a key of a plain participant that reads transcripts': await machine(plain.token, 'transcripts:read'),
      'a key of the host for speech and translation': await machine(hostToken, 'pipeline'),
      'a key of the host that reads': await machine(hostToken, 'meetings:read', 'transcripts:read'),
    }
    return { cast, targets: { waiting: waiting.id, inside: target.id, poll: await openPoll(room) } }
  }
  const look = async (room: string) => ({
    room: await byHost('GET', `/meetings/${room}`, undefined),
    people: await byHost('GET', `/meetings/${room}/participants`, undefined),
    polls: await byHost('GET', `/meetings/${room}/polls`, undefined),
  })
  const hostMachine = () => machine(hostToken, ...meetings)
  return { host: callerOf(app, bearer(hostToken)), hostMachine, newRoom, openPoll, people, look, user, guest, lock }
}

t.test('no call on a room is forgotten here', async (t) => {
  const app = await buildTestApp(t)
  const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> }
  const prefix = '/api/v1/meetings/{room_code}'
  const all = Object.entries(paths)
    .filter(([path]) => path.startsWith(prefix) || path.startsWith('/api/v1/polls'))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
  const id = '{participant_id}'
  const tried = CALLS.map(
    ({ method, path }) =>
      `${method.toLowerCase()} /api/v1${urlOf('{room_code}', path({ waiting: id, inside: id, poll: '{poll_id}' }))}`,
  )
  t.same(all.sort(), [...tried, `post ${prefix}/join`, `post ${prefix}/leave`].sort())
})

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { redisUrl, databaseUrl } = await backend.open(t)
    // Time stands still for leases: nobody is taken for gone because the machine is slow.
    const { now } = createTestClock()
    const state = redisUrl ? await openRedisState(t, redisUrl, { now }) : createMemoryState({ failures: FAILURES, now })
    const config = { redisUrl, databaseUrl, rateLimitDefaultPerMinute: 10_000 }
    const app = await buildTestApp(t, { config, overrides: { state } })
    const world = await openWorld(app)
    const room = await world.newRoom()
    const { cast, targets } = await world.people(room)
    t.same(Object.keys(cast), Object.keys(REFUSALS), 'everybody is tried')
    const before = await world.look(room)

    for (const [who, call] of Object.entries(cast)) {
      await t.test(`${who}: refused what it may not do, and nothing changes`, async (t) => {
        for (const { kind, method, path, body } of CALLS) {
          const refusal = REFUSALS[who]?.[kind]
          const what = `${method} ${path(targets)}`
          if (refusal !== undefined) {
            const answer = await call(method, urlOf(room, path(targets)), body)
            t.equal(answer.status, refusal, what)
          } else if (kind !== 'host')
            t.match((await call(method, urlOf(room, path(targets)), body)).status, /^20[02]$/, what)
        }
        t.same(await world.look(room), before)
      })
    }

    const byKey = await world.hostMachine()
    for (const who of ['co-host', 'host', 'machine of the host'] as const) {
      await t.test(`a ${who} does what hosts do`, async (t) => {
        for (const { kind, method, path, body } of CALLS) {
          if (kind === 'owner' && who === 'co-host') continue
          // Machines do not vote.
          if (kind === 'vote' && who === 'machine of the host') continue
          const own = await world.newRoom()
          const made = await world.user(own)
          const inside = (await world.user(own)).id
          if (who === 'co-host')
            await world.host('PATCH', `/meetings/${own}/participants/${made.id}`, { role: 'co_host' })
          else await world.host('POST', `/meetings/${own}/join`, {})
          await world.lock(own, true)
          const waiting = (await world.guest(own)).id
          const caller = { host: world.host, 'co-host': made.call, 'machine of the host': byKey }[who]
          const about = { waiting, inside, poll: await world.openPoll(own) }
          const answer = await caller(method, urlOf(own, path(about)), body)
          t.match(answer.status, /^20[0124]$/, `${method} ${path(about)}`)
        }
      })
    }

    await t.test('a call about somebody of another room is a 404', async (t) => {
      const [own, other] = [await world.newRoom(), await world.newRoom()]
      const { id } = await world.guest(other)
      for (const path of [`/kick/${id}`, `/admit/${id}`, `/reject/${id}`])
        t.equal((await world.host('POST', `/meetings/${own}${path}`)).status, 404, path)
      const role = await world.host('PATCH', `/meetings/${own}/participants/${id}`, { role: 'co_host' })
      t.equal(role.status, 404)
      t.equal((await world.host('POST', `/meetings/${own}/kick/nobody`)).status, 400)
    })

    await t.test('a kicked guest comes back under no name without a host', async (t) => {
      const own = await world.newRoom()
      const join = (display_name: string) =>
        app.inject({ method: 'POST', url: `/api/v1/meetings/${own}/join`, payload: { display_name } })
      const { id } = (await join('Bo')).json().participant
      t.equal((await world.host('POST', `/meetings/${own}/kick/${id}`)).status, 204)
      t.equal((await join('bo')).statusCode, 403)
      t.match((await join('Other')).json(), { status: 'waiting' })
    })
  })
}
