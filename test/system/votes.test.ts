import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { pollVotes } from '../../repositories/schema.ts'
import { openPollDatabase } from '../support/polls.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { openRedisState, until } from '../support/states.ts'
import type { Ballot } from '../support/vote-acceptor.ts'
import { startAcceptor, startConsumers } from '../support/vote-processes.ts'

const VOTERS = 20_000
const AT_ONCE = 250
const KILL_EVERY_MS = 1_000
/** Also when everything is accepted sooner. */
const KILLS = 10
const RETRY_MS = 100

t.test('100,000 votes by 20,000 voters are counted exactly, whatever dies meanwhile', async (t) => {
  const [redis, postgres] = await Promise.all([startRedis(t, { appendOnly: true }), startPostgres(t)])
  const databaseUrl = await postgres.createDatabase()
  const { db, votes, addPoll, tally } = await openPollDatabase(t, databaseUrl)
  const { ballots, voteQueue } = await openRedisState(t, redis.url)
  const polls = {
    changing: await addPoll(),
    nameless: await addPoll({ anonymous: true, changeable: false }),
    final: await addPoll({ changeable: false, multiple: true }),
  }
  for (const { id, room_id: roomId, options, ...poll } of Object.values(polls))
    await ballots.openPoll({ ...poll, id, roomId, options: options.map((option) => option.id) })
  const voters = Array.from({ length: VOTERS }, () => randomUUID())

  /** What was promised: the options of each voter, by poll. */
  const promised = new Map<string, Map<string, readonly string[]>>(
    Object.values(polls).map(({ id }) => [id, new Map()]),
  )
  let accepted = 0
  let unanswered = 0

  const acceptors = await Promise.all([startAcceptor(t, redis.url), startAcceptor(t, redis.url)])
  const consumers = startConsumers(t, 3, {
    REDIS_URL: redis.url,
    DATABASE_URL: databaseUrl,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    LOG_LEVEL: 'error',
  })
  let kills = 0
  const killing = setInterval(() => {
    if (consumers.killOne()) kills += 1
  }, KILL_EVERY_MS)
  t.teardown(() => clearInterval(killing))

  /** Casts until every vote is answered. One that was not may be in the queue: cast again, where it may not change, it is refused. */
  async function cast(ballotsNow: readonly Ballot[], acceptor: number): Promise<void> {
    let open = ballotsNow
    for (let isAgain = false; open.length > 0; isAgain = true) {
      const answers = (await acceptors[acceptor % 2]?.cast(open)) ?? []
      for (const [i, answer] of answers.entries()) {
        const ballot = open[i]
        if (answer === 'unavailable') unanswered += 1
        if (!ballot || answer === 'unavailable') continue
        if (answer !== 'accepted' && !(isAgain && answer === 'already_voted')) throw new Error(answer)
        promised.get(ballot[0])?.set(ballot[1], ballot[2])
        accepted += 1
      }
      open = open.filter((_, i) => answers[i] === 'unavailable')
      if (open.length > 0) await sleep(RETRY_MS)
    }
  }

  /** One vote of everybody, through both processes; what one process got before, the other gets now. */
  async function round(number: number, pollId: string, choose: (voter: number) => string[]): Promise<void> {
    const batches = Array.from({ length: VOTERS / AT_ONCE }, (_, batch) =>
      voters.slice(batch * AT_ONCE, (batch + 1) * AT_ONCE).map((voter, i) => {
        return [pollId, voter, choose(batch * AT_ONCE + i)] as const
      }),
    )
    const casting = async (lane: number) => {
      for (let i = lane; i < batches.length; i += 4) await cast(batches[i] ?? [], lane + number)
    }
    await Promise.all([0, 1, 2, 3].map(casting))
  }

  const pick = (n: number) => ['abc'[n % 3] ?? 'a']
  const started = performance.now()
  await round(0, polls.changing.id, (i) => pick(i))
  const redisRestart = redis.stop().then(() => redis.start())
  await round(1, polls.nameless.id, (i) => pick(i * i))
  await redisRestart
  await round(2, polls.changing.id, (i) => pick(i + 1))
  const postgresRestart = postgres.stop().then(() => postgres.start())
  await round(3, polls.final.id, (i) => (i % 2 ? ['a', 'c'] : ['b']))
  await postgresRestart
  await round(4, polls.changing.id, (i) => pick(i * i + i))
  t.ok(unanswered > 0, 'Redis was missed')
  t.comment(`accepted in ${Math.round(performance.now() - started)} ms`)
  t.equal(accepted, 100_000)

  const ends = await Promise.all(Object.values(polls).map(({ id }) => ballots.closePoll(id)))
  await until(() => kills >= KILLS)
  clearInterval(killing)
  await until(async () => (await Promise.all(ends.map((end) => voteQueue.isDrained(end)))).every(Boolean))
  t.comment(`counted in ${Math.round(performance.now() - started)} ms, ${kills} consumers killed`)

  for (const { id, anonymous } of Object.values(polls)) {
    const expected: Record<string, number> = { voters: VOTERS, ...(anonymous ? { a: 0, b: 0, c: 0 } : {}) }
    for (const options of promised.get(id)?.values() ?? [])
      for (const option of options) expected[option] = (expected[option] ?? 0) + 1
    t.same(await tally(id), expected)
    const rows = await db.select().from(pollVotes).where(eq(pollVotes.poll_id, id))
    const wrong = rows.filter(
      ({ voter_id, option_ids }) => String(option_ids) !== String(promised.get(id)?.get(voter_id)),
    )
    t.equal(wrong.length, 0, 'every voter has what was promised last')
    t.equal(new Set(await votes.votersOf(id)).size, VOTERS)
  }
  t.match(await voteQueue.backlog(), { waiting: 0, pending: 0, dead: 0 })
  t.same(await consumers.stop(), [0, 0, 0], 'asked to end, they do')
})
