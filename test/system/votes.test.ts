import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import t from 'tap'
import type { PollRecord } from '../../repositories/polls.ts'
import { pollVotes } from '../../repositories/schema.ts'
import { createTokens } from '../../services/tokens.ts'
import { openPollDatabase } from '../support/polls.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { openRedisState, until } from '../support/states.ts'
import { type Answer, addGuests, createCaller, type Guest } from '../support/vote-crowd.ts'
import { startConsumers } from '../support/vote-processes.ts'

// A room takes a thousand: twenty rooms vote at the same time.
const ROOMS = 20
const VOTERS_PER_ROOM = 1_000
const AT_ONCE = 64
const KILL_EVERY_MS = 1_000
/** Also when everything is accepted sooner. */
const KILLS = 10
const RETRY_MS = 100

// A crowd takes a while on a small machine.
t.setTimeout(600_000)

t.test('100,000 votes by 20,000 voters are counted exactly, whatever dies meanwhile', async (t) => {
  const [redis, postgres] = await Promise.all([startRedis(t, { appendOnly: true }), startPostgres(t)])
  const databaseUrl = await postgres.createDatabase()
  const { db, votes, addRoom, addPoll, tally, hostId } = await openPollDatabase(t, databaseUrl)
  const { voteQueue } = await openRedisState(t, redis.url)
  const secretKey = randomBytes(32).toString('base64url')
  const settings = {
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: secretKey,
    LOG_LEVEL: 'error',
  }
  const serverSettings = {
    ...{ ...settings, VOTE_CONSUMER: 'off', TRANSLATE_ENGINE: 'none' },
    ...{ TRUSTED_PROXIES: '127.0.0.1/32', EXPECTED_PROCESSES: '2', RATE_LIMIT_DEFAULT_PER_MINUTE: '10000' },
  }
  const servers = await Promise.all([startServer(t, serverSettings), startServer(t, serverSettings)])

  const roomIds = await Promise.all(Array.from({ length: ROOMS }, addRoom))
  const fill = async (room_id: string) => ({
    guests: await addGuests(db, room_id, VOTERS_PER_ROOM, secretKey),
    changing: await addPoll({ room_id }),
    nameless: await addPoll({ room_id, anonymous: true, changeable: false }),
    final: await addPoll({ room_id, changeable: false, multiple: true }),
  })
  // One after the other: twenty at once wait longer for a connection than the server lets anybody wait.
  const rooms: Awaited<ReturnType<typeof fill>>[] = []
  for (const room_id of roomIds) rooms.push(await fill(room_id))
  type Kind = 'changing' | 'nameless' | 'final'
  const polls = rooms.flatMap(({ changing, nameless, final }) => [changing, nameless, final])

  const caller = createCaller(AT_ONCE)
  t.teardown(() => caller.close())
  const tokens = createTokens({ secretKey, secretKeyPrevious: null, accessTokenTtlSeconds: 900 })
  const host = { token: tokens.issueAccess(hostId, 'session').token, address: '10.0.0.1' }

  /** Calls one of the two servers until it answers. */
  let unanswered = 0
  async function post(
    server: number,
    path: string,
    who: typeof host,
    body?: object,
  ): Promise<Answer & { tries: number }> {
    for (let tries = 1; ; tries++) {
      const answer = await caller.post(`${servers[server % 2]?.url}/api/v1${path}`, who, body)
      if (answer && answer.status !== 503) return { ...answer, tries }
      unanswered += 1
      await sleep(RETRY_MS)
    }
  }
  for (const [i, { id }] of polls.entries()) t.match(await post(i, `/polls/${id}/open`, host), { status: 200 })

  const consumers = startConsumers(t, 3, settings)
  let kills = 0
  const killing = setInterval(() => {
    if (consumers.killOne()) kills += 1
  }, KILL_EVERY_MS)
  t.teardown(() => clearInterval(killing))

  /** What was promised: the options of each voter, by poll. */
  const promised = new Map<string, Map<string, readonly string[]>>(polls.map(({ id }) => [id, new Map()]))
  let accepted = 0

  /** One that was not answered may be in the queue: cast again, where it may not change, it is refused. */
  async function cast(server: number, poll: PollRecord, guest: Guest, option_ids: string[]): Promise<void> {
    const { status, code, tries } = await post(server, `/polls/${poll.id}/vote`, guest, { option_ids })
    if (status !== 202 && !(tries > 1 && code === 'CONFLICT' && !poll.changeable)) throw new Error(`${status} ${code}`)
    promised.get(poll.id)?.set(guest.id, option_ids)
    accepted += 1
  }

  /** One vote of everybody, through both servers; what one of them got before, the other gets now. */
  async function round(number: number, kind: Kind, choose: (voter: number) => string[]): Promise<void> {
    const ballots = rooms.flatMap((room) => room.guests.map((guest) => ({ guest, poll: room[kind] })))
    const waiting = ballots.entries()
    const lane = async () => {
      for (const [i, { guest, poll }] of waiting) await cast(i + number, poll, guest, choose(i))
    }
    await Promise.all(Array.from({ length: 2 * AT_ONCE }, lane))
  }

  const pick = (n: number) => ['abc'[n % 3] ?? 'a']
  const started = performance.now()
  await round(0, 'changing', (i) => pick(i))
  const redisRestart = redis.stop().then(() => redis.start())
  await round(1, 'nameless', (i) => pick(i * i))
  await redisRestart
  await round(2, 'changing', (i) => pick(i + 1))
  const postgresRestart = postgres.stop().then(() => postgres.start())
  await round(3, 'final', (i) => (i % 2 ? ['a', 'c'] : ['b']))
  await postgresRestart
  await round(4, 'changing', (i) => pick(i * i + i))
  t.ok(unanswered > 0, 'Redis or PostgreSQL was missed')
  t.comment(`accepted in ${Math.round(performance.now() - started)} ms, ${unanswered} calls again`)
  t.equal(accepted, 100_000)

  await until(() => kills >= KILLS)
  const closed = await Promise.all(polls.map(({ id }, i) => post(i, `/polls/${id}/close`, host)))
  t.same([...new Set(closed.map(({ status }) => status))], [200])
  clearInterval(killing)
  t.comment(`counted in ${Math.round(performance.now() - started)} ms, ${kills} consumers killed`)

  for (const { id, anonymous } of polls) {
    const expected: Record<string, number> = { voters: VOTERS_PER_ROOM, ...(anonymous ? { a: 0, b: 0, c: 0 } : {}) }
    for (const options of promised.get(id)?.values() ?? [])
      for (const option of options) expected[option] = (expected[option] ?? 0) + 1
    t.same(await tally(id), expected)
    const rows = await db.select().from(pollVotes).where(eq(pollVotes.poll_id, id))
    const wrong = rows.filter(
      ({ voter_id, option_ids }) => String(option_ids) !== String(promised.get(id)?.get(voter_id)),
    )
    t.equal(wrong.length, 0, 'every voter has what was promised last')
    t.equal(new Set(await votes.votersOf(id)).size, VOTERS_PER_ROOM)
  }
  t.match(await voteQueue.backlog(), { waiting: 0, pending: 0, dead: 0 })
  t.same(await consumers.stop(), [0, 0, 0], 'asked to end, they do')
})
