import { randomUUID } from 'node:crypto'
import { Registry } from 'prom-client'
import { openDatabase } from '../repositories/database.ts'
import { createPollsRepository } from '../repositories/polls.ts'
import { createRoomsRepository } from '../repositories/rooms.ts'
import { pollVotes, users } from '../repositories/schema.ts'
import { createRedisState } from '../state/redis/state.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { startRedis } from '../test/support/redis.ts'
import { openVotes } from '../workers/open-votes.ts'
import { machine } from './machine.ts'
import { report } from './stand.ts'

// `npm run bench:votes`: votes accepted a second into the queue, and counted a second from it, beside one INSERT a vote into the same
// table over the same pool. One process for everything, a real Redis (append-only) and a real PostgreSQL on the same machine; that one
// does not wait for its disk, which favours the INSERTs: each is a commit of its own. A report, not a test.

const VOTES = 100_000
const VOTERS = 20_000
const INSERTS = 20_000
const AT_ONCE = 500

const environment = machine()
const ends: (() => Promise<void> | void)[] = []
const cleanup = { teardown: (end: () => Promise<void> | void) => void ends.push(end) }
const log = { info: () => undefined, warn: console.error, error: console.error }

try {
  const [redis, postgres] = await Promise.all([startRedis(cleanup, { appendOnly: true }), startPostgres(cleanup)])
  const database = await openDatabase({ databaseUrl: await postgres.createDatabase(), dataDir: '' }, log)
  ends.push(() => database.close())
  await database.migrate()
  const limiter = { onFailure: 'local', expectedProcesses: 1 } as const
  const failures = { max: 5, windowMs: 60_000 }
  const state = await createRedisState({ url: redis.url, logger: log, limiter, failures })
  ends.push(() => state.close())
  const { voteWorker, votes } = openVotes({ db: database.db, state, registry: new Registry(), log })
  ends.push(() => voteWorker.close())

  const poll = await addPoll()
  const voters = Array.from({ length: VOTERS }, () => randomUUID())
  const voter = (i: number) => voters[i % VOTERS] ?? ''
  const option = (i: number) => 'abc'[i % 3] ?? 'a'
  const optionIds = poll.options.map(({ id }) => id)
  await state.ballots.openPoll({ ...poll, roomId: poll.room_id, options: optionIds })

  const insertedIn = await timed(INSERTS, 50, async (i) => {
    const row = { option_ids: [option(i)], position_ms: i, position_n: 0, voted_at: new Date() }
    await database.db
      .insert(pollVotes)
      .values({ poll_id: poll.id, voter_id: voter(i), ...row })
      .onConflictDoUpdate({ target: [pollVotes.poll_id, pollVotes.voter_id], set: row })
  })
  await database.db.delete(pollVotes)

  let accepted = 0
  const acceptedIn = await timed(VOTES, AT_ONCE, async (i) => {
    const vote = { pollId: poll.id, voter: voter(i), optionIds: [option(i)], at: Date.now() }
    if ((await state.ballots.accept(vote)) === 'accepted') accepted += 1
  })
  const upTo = await state.ballots.closePoll(poll.id)
  const started = performance.now()
  voteWorker.start()
  if (!(await voteWorker.drain(upTo, 120_000))) throw new Error('not drained')
  const drainedIn = (performance.now() - started) / 1000
  const counted = (await votes.resultsOf([poll.id])).get(poll.id)?.voters
  if (accepted !== VOTES || counted !== VOTERS) throw new Error(`accepted ${accepted}, counted ${counted}`)

  const rate = (count: number, seconds: number) => Math.round(count / seconds)
  const [acceptRate, drainRate, insertRate] = [
    rate(VOTES, acceptedIn),
    rate(VOTES, drainedIn),
    rate(INSERTS, insertedIn),
  ]
  const ratio = (value: number) => Math.round((10 * value) / insertRate) / 10
  report('votes', {
    machine: environment,
    measured: `${VOTES} votes of ${VOTERS} voters, ${AT_ONCE} under way; ${INSERTS} INSERTs, 50 under way over 10 connections`,
    accepted_per_second: acceptRate,
    drained_per_second: drainRate,
    inserted_per_second: insertRate,
    accepted_to_inserted: ratio(acceptRate),
    drained_to_inserted: ratio(drainRate),
  })

  async function addPoll() {
    const at = new Date()
    const [userId, roomId] = [randomUUID(), randomUUID()]
    const languages = { speaking_language: 'en', listening_language: 'en' }
    const account = { email: 'bench@example.org', password_hash: 'x', full_name: 'Bench', ...languages }
    await database.db
      .insert(users)
      .values({ id: userId, ...account, accepted_terms_at: at, created_at: at, updated_at: at })
    const room = { room_code: 'bench', name: 'Bench', host_user_id: userId, status: 'active', created_at: at }
    await createRoomsRepository(database.db).insert({ id: roomId, ...room })
    return createPollsRepository(database.db).insert({
      ...{ id: randomUUID(), room_id: roomId, question: 'Which?', language: 'en', results: 'live', created_by: null },
      ...{ options: [...'abc'].map((id) => ({ id, text: id })), multiple: false, anonymous: false, changeable: true },
      created_at: at,
    })
  }
} finally {
  for (const end of ends.reverse()) await end()
}

/** Does something `count` times, so many at once; how long that took in seconds. */
async function timed(count: number, atOnce: number, work: (i: number) => Promise<void>): Promise<number> {
  const started = performance.now()
  let next = 0
  const lane = async () => {
    for (let i = next++; i < count; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return (performance.now() - started) / 1000
}
