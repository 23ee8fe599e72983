import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { Registry } from 'prom-client'
import t, { type Test } from 'tap'
import { DatabaseUnavailableError } from '../../repositories/database.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import { createVoteBacklog } from '../../services/votes/backlog.ts'
import { createCounting } from '../../services/votes/counting.ts'
import { createVoteMetrics, NO_VOTE_METRICS } from '../../services/votes/metrics.ts'
import { createBallotOpening } from '../../services/votes/opening.ts'
import type { State } from '../../state/state.ts'
import type { QueuedVote } from '../../state/votes.ts'
import { createVoteWorker, type VoteWorkerOptions } from '../../workers/votes.ts'
import { buildTestApp } from '../helper.ts'
import { openPollDatabase } from '../support/polls.ts'
import { startRedis } from '../support/redis.ts'
import { dumpRedis } from '../support/redis-dump.ts'
import { openRedisState, silentLogger, twins, until } from '../support/states.ts'

const database = await openPollDatabase(t, null)
const { db, polls, votes, addPoll, tally } = database
const count = createCounting({ database: db, polls, votes })

function worker(t: Test, state: Pick<State, 'voteQueue'>, given: Partial<VoteWorkerOptions> = {}) {
  const parts = { metrics: NO_VOTE_METRICS, log: silentLogger, count, takeoverMs: 100 }
  const made = createVoteWorker({ voteQueue: state.voteQueue, ...parts, ...given })
  t.teardown(() => made.close())
  return made
}

const openBallot = (state: State, poll: PollRecord) => createBallotOpening({ ballots: state.ballots, votes })(poll)

const cast = (state: State, pollId: string, option: string, voter: string = randomUUID()) =>
  state.ballots.accept({ pollId, voter, optionIds: [option], at: Date.now() })

async function opened(state: State, given: Parameters<typeof addPoll>[0] = {}): Promise<string> {
  const poll = await addPoll(given)
  await openBallot(state, poll)
  return poll.id
}

const stateOf = {
  memory: async (t: Test) => (await twins(t)[0]?.open(t)) as State,
  redis: async (t: Test) => openRedisState(t, (await startRedis(t)).url),
}

for (const [name, open] of Object.entries(stateOf)) {
  t.test(name, async (t) => {
    t.test('counts what was accepted, and tells of which polls', async (t) => {
      const state = await open(t)
      const { start, onCounted, drain } = worker(t, state)
      const told = new Set<string>()
      onCounted((ids) => {
        for (const id of ids) told.add(id)
        throw new Error('of no consequence')
      })
      start()
      const [named, nameless] = [await opened(state), await opened(state, { anonymous: true, changeable: false })]
      const voter = randomUUID()
      for (const option of ['a', 'b', 'c']) await cast(state, named, option, voter)
      for (const option of ['a', 'b', 'b']) await cast(state, nameless, option)
      t.equal(await drain(await state.ballots.closePoll(named), 30_000), true)
      t.same(await tally(named), { voters: 1, c: 1 })
      t.same(await tally(nameless), { voters: 3, a: 1, b: 2, c: 0 })
      t.same(told, new Set([named, nameless]))
      t.match(await state.voteQueue.backlog(), { waiting: 0, pending: 0, dead: 0 })
    })

    t.test('what cannot be counted becomes a dead letter, and only that', async (t) => {
      const state = await open(t)
      const poll = await addPoll()
      await openBallot(state, { ...poll, options: [...poll.options, { id: 'z', text: 'Of another poll' }] })
      const gone = await addPoll()
      await openBallot(state, gone)
      await polls.remove(gone.id)
      await cast(state, poll.id, 'a')
      await cast(state, poll.id, 'z')
      await cast(state, gone.id, 'a')
      await cast(state, poll.id, 'b', 'nobody')
      await cast(state, poll.id, 'b')
      const { start, drain } = worker(t, state)
      start()
      t.ok(await drain(await state.ballots.closePoll(poll.id), 30_000))
      t.same(await tally(poll.id), { voters: 2, a: 1, b: 1 })
      const reasons = (await state.voteQueue.deadLetters(10)).map(({ reason }) => reason)
      t.same(reasons.toSorted(), ['invalid_options', 'unknown_poll', 'unreadable'])
    })

    t.test('one that the database refuses is found in its batch', async (t) => {
      const state = await open(t)
      const poll = await opened(state)
      const bad = randomUUID()
      for (let i = 0; i < 20; i++) await cast(state, poll, 'a', i === 7 ? bad : randomUUID())
      const refusing = async (batch: readonly QueuedVote[]) => {
        if (batch.some(({ vote }) => vote?.voter === bad)) throw Object.assign(new Error('no'), { code: '22P02' })
        return count(batch)
      }
      const { start, drain } = worker(t, state, { count: refusing })
      start()
      t.ok(await drain(await state.ballots.closePoll(poll), 30_000))
      t.same(await tally(poll), { voters: 19, a: 19 })
      t.match(await state.voteQueue.deadLetters(10), [{ reason: 'refused_by_database', fields: { voter: bad } }])
    })

    t.test('while the database is away votes wait, and none becomes a dead letter', async (t) => {
      const state = await open(t)
      const poll = await opened(state)
      let failure: Error | null = new DatabaseUnavailableError('away')
      let attempts = 0
      const { start, drain } = worker(t, state, {
        async count(batch) {
          attempts += 1
          if (failure) throw failure
          return count(batch)
        },
      })
      start()
      for (let i = 0; i < 5; i++) await cast(state, poll, 'a')
      await until(() => attempts >= 3)
      // Nothing about a row either: whatever it is, it may pass.
      failure = Object.assign(new Error('disk full'), { code: '53100' })
      await until(() => attempts >= 5)
      t.match(await state.voteQueue.backlog(), { waiting: 5, dead: 0 })
      t.equal(await drain(await state.ballots.closePoll(poll), 1), false)
      failure = null
      t.ok(await drain(await state.ballots.closePoll(poll), 30_000))
      t.same(await tally(poll), { voters: 5, a: 5 })
    })

    t.test('a batch that could not be acknowledged is counted once', async (t) => {
      const state = await open(t)
      const poll = await opened(state, { anonymous: true, changeable: false })
      let failures = 2
      const voteQueue = {
        ...state.voteQueue,
        async ack(positions: readonly string[]) {
          if (failures-- > 0) throw new Error('not now')
          await state.voteQueue.ack(positions)
        },
      }
      for (let i = 0; i < 5; i++) await cast(state, poll, 'a')
      const { start, drain } = worker(t, { voteQueue })
      start()
      t.ok(await drain(await state.ballots.closePoll(poll), 30_000))
      t.same(await tally(poll), { voters: 5, a: 5, b: 0, c: 0 })
    })

    t.test('takes over what a dead consumer had, also when that had written it', async (t) => {
      const state = await open(t)
      const [named, nameless] = [await opened(state), await opened(state, { anonymous: true, changeable: false })]
      const voter = randomUUID()
      await cast(state, named, 'a', voter)
      for (let i = 0; i < 3; i++) await cast(state, nameless, 'a')
      // One wrote and was killed before it acknowledged; one before it wrote.
      await count(await state.voteQueue.read({ consumer: 'dead', max: 2, waitMs: 0 }))
      await state.voteQueue.read({ consumer: 'dead too', max: 10, waitMs: 0 })
      await cast(state, named, 'b', voter)
      const { start, drain } = worker(t, state)
      start()
      t.ok(await drain(await state.ballots.closePoll(named), 30_000))
      t.same(await tally(named), { voters: 1, b: 1 }, 'the later vote, although the earlier came after it')
      t.same(await tally(nameless), { voters: 3, a: 3, b: 0, c: 0 })
    })

    t.test('ends with its batch, and takes no more where others can', async (t) => {
      const state = await open(t)
      const poll = await opened(state)
      const entered = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      const { start, close } = worker(t, state, {
        async count(batch) {
          entered.resolve()
          await released.promise
          return count(batch)
        },
      })
      await cast(state, poll, 'a')
      start()
      await entered.promise
      await cast(state, poll, 'b')
      const closed = close()
      released.resolve()
      await closed
      await close()
      t.same(await tally(poll), name === 'redis' ? { voters: 1, a: 1 } : { voters: 2, a: 1, b: 1 })
      t.match(await state.voteQueue.backlog(), { waiting: name === 'redis' ? 1 : 0, pending: 0 })
      t.equal(await state.voteQueue.removeGone(0), 0, 'it has left the group')
    })
  })
}

t.test('a batch counts the same twice, in pieces, and backwards', async (t) => {
  const state = await stateOf.memory(t)
  const ids = [await opened(state), await opened(state, { changeable: false }), await opened(state, { multiple: true })]
  const nameless = await opened(state, { anonymous: true, changeable: false })
  const voters = Array.from({ length: 20 }, () => randomUUID())
  for (let i = 0; i < 60; i++) {
    const voter = voters[i % 20] ?? ''
    for (const id of [...ids, nameless]) await cast(state, id, 'abc'[(i * 7 + Math.floor(i / 20)) % 3] ?? '', voter)
  }
  const queued = await state.voteQueue.read({ consumer: 'one', max: 1000, waitMs: 0 })
  await count(queued)
  const tallies = () => Promise.all([...ids, nameless].map(tally))
  const once = await tallies()
  await count(queued)
  for (const vote of queued.toReversed()) await count([vote])
  t.same(await tallies(), once)
  t.same(
    once.map(({ voters }) => voters),
    [20, 20, 20, 20],
  )
})

t.test('after an anonymous vote is counted nothing joins its voter to an option', async (t) => {
  const redis = await startRedis(t)
  const state = await openRedisState(t, redis.url)
  const lines: string[] = []
  const note = (fields: object, message: string) => void lines.push(JSON.stringify(fields) + message)
  const options = [randomUUID(), randomUUID()].map((id) => ({ id, text: 'x' }))
  const poll = await addPoll({ anonymous: true, changeable: false, options })
  await openBallot(state, poll)
  const voters = [randomUUID(), randomUUID(), randomUUID()]
  const [first = '', second = ''] = options.map(({ id }) => id)
  for (const voter of voters) await cast(state, poll.id, first, voter)
  t.equal(await cast(state, poll.id, second, voters[0]), 'already_voted')
  // One of them cannot be counted.
  const { start, drain } = worker(t, state, {
    log: { info: note, warn: note, error: note },
    async count(batch) {
      if (batch.some(({ vote }) => vote?.voter === voters[2])) throw Object.assign(new Error('no'), { code: '23514' })
      return count(batch)
    },
  })
  start()
  t.ok(await drain(await state.ballots.closePoll(poll.id), 30_000))
  t.match(await state.voteQueue.backlog(), { waiting: 0, dead: 1 })

  const query = sql`select table_name from information_schema.tables where table_schema = 'public'`
  const { rows: tables } = (await db.execute(query)) as unknown as { rows: { table_name: string }[] }
  const rows: string[] = []
  for (const { table_name } of tables) {
    const all = sql`select to_jsonb(t)::text as row from ${sql.identifier(table_name)} t`
    rows.push(...((await db.execute(all)) as unknown as { rows: { row: string }[] }).rows.map(({ row }) => row))
  }
  const texts = [...rows, ...lines, ...(await dumpRedis(redis.url))]
  t.ok(texts.some((text) => text.includes(voters[0] ?? '')) && texts.some((text) => text.includes(first)))
  t.same(
    texts.filter((text) => voters.some((id) => text.includes(id)) && [first, second].some((id) => text.includes(id))),
    [],
  )
})

t.test('tells how far behind it is', async (t) => {
  const state = await stateOf.memory(t)
  const registry = new Registry()
  const metrics = createVoteMetrics(registry, createVoteBacklog(state))
  const poll = await addPoll()
  await openBallot(state, { ...poll, options: [...poll.options, { id: 'z', text: 'z' }] })
  for (const option of ['a', 'b', 'z']) metrics.cast(await cast(state, poll.id, option))
  t.match(await registry.metrics(), /fluentmeet_votes_waiting 3\n/)
  const { start, drain } = worker(t, state, { metrics })
  start()
  t.ok(await drain(await state.ballots.closePoll(poll.id), 30_000))
  const text = await registry.metrics()
  t.match(text, /fluentmeet_votes_cast_total\{acceptance="accepted"\} 3\n/)
  t.match(text, /fluentmeet_votes_counted_total 2\n/)
  t.match(text, /fluentmeet_votes_batch_size_count 1\n/)
  t.match(text, /fluentmeet_votes_buried_total\{reason="invalid_options"\} 1\n/)
})

t.test('is behind when many wait, or one waits long', async (t) => {
  const statusOf = (figures: object | null) =>
    createVoteBacklog({
      voteQueue: {
        async backlog() {
          if (!figures) throw new Error('away')
          return { waiting: 1, pending: 0, oldestMs: 0, dead: 0, ...figures }
        },
      },
    }).status()
  t.equal(await statusOf({}), 'up')
  t.equal(await statusOf({ waiting: 10_001 }), 'behind')
  t.equal(await statusOf({ oldestMs: 10_001 }), 'behind')
  t.equal(await statusOf(null), 'down')
})

t.test('a gate that was lost opens again as the database knows it', async (t) => {
  for (const given of [{ changeable: false }, { anonymous: true, changeable: false }]) {
    const before = await stateOf.memory(t)
    const poll = await addPoll(given)
    await openBallot(before, poll)
    const voter = randomUUID()
    await cast(before, poll.id, 'a', voter)
    await count(await before.voteQueue.read({ consumer: 'one', max: 10, waitMs: 0 }))
    const after = await stateOf.memory(t)
    t.equal(await cast(after, poll.id, 'b', voter), 'unknown')
    t.equal(await openBallot(after, poll), 'open')
    t.equal(await cast(after, poll.id, 'b', voter), 'already_voted')
    t.equal(await cast(after, poll.id, 'b'), 'accepted')
  }
})

t.test('a later vote is later also by a clock that went back', async (t) => {
  const poll = await addPoll()
  const voter = randomUUID()
  for (const [now, option] of [
    [2_000_000_000_000, 'a'],
    [1_900_000_000_000, 'b'],
  ] as const) {
    const state = (await twins(t)[0]?.open(t, () => now)) as State
    await openBallot(state, poll)
    await cast(state, poll.id, option, voter)
    await count(await state.voteQueue.read({ consumer: 'one', max: 10, waitMs: 0 }))
  }
  t.same(await tally(poll.id), { voters: 1, b: 1 })
})

t.test('every server counts, unless it is told not to', async (t) => {
  const [inside, off] = [
    await buildTestApp(t, { config: { voteConsumer: 'inside' } }),
    await buildTestApp(t, { config: { voteConsumer: 'off' } }),
  ]
  for (const { services } of [inside, off]) {
    const id = randomUUID()
    const settings = { multiple: false, anonymous: false, changeable: true }
    await services.state.ballots.openPoll({ id, roomId: randomUUID(), options: ['a'], ...settings })
    await cast(services.state, id, 'a')
  }
  await until(async () => (await inside.services.state.voteQueue.backlog()).dead === 1)
  t.match(await off.services.state.voteQueue.backlog(), { waiting: 1, pending: 0 })
})
