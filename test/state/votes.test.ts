import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import t from 'tap'
import { VOTES_KEY } from '../../state/keys.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import { slotOf } from '../../state/redis/slots.ts'
import type { State } from '../../state/state.ts'
import { CLOSED_MS, comparePositions, type OpenedPoll, type Vote } from '../../state/votes.ts'
import { startRedis } from '../support/redis.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { createTestClock, FAILURES, openRedisState, type Twin, twins, until } from '../support/states.ts'

const NOTHING = { max: 100, waitMs: 0 }

function pollOf(given: Partial<OpenedPoll> = {}): OpenedPoll {
  const settings = { multiple: false, anonymous: false, changeable: true }
  return { id: randomUUID(), roomId: randomUUID(), options: ['a', 'b', 'c'], ...settings, ...given }
}

const voteFor = (pollId: string, optionIds: string[], voter = randomUUID()): Vote => ({
  ...{ pollId, voter, optionIds },
  at: 1_800_000_000_000,
})

/** What does not work while something moves or comes back, works in the end. */
async function atLast<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** A state whose queue is empty: what earlier tests left behind is counted. */
async function open(t: Parameters<Twin['open']>[0], twin: Twin): Promise<State> {
  const state = await twin.open(t)
  const left = [
    ...(await state.voteQueue.read({ consumer: 'cleaner', ...NOTHING })),
    ...(await state.voteQueue.claim({ consumer: 'cleaner', max: 100, idleMs: 0 })),
  ]
  await state.voteQueue.ack(left.map(({ position }) => position))
  await state.voteQueue.removeGone(0)
  return state
}

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a vote for an open poll is queued, and for any other it is not', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf()
      t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'unknown')
      t.equal(await ballots.roomOf(poll.id), null)
      t.equal(await ballots.openPoll(poll), 'open')
      t.equal(await ballots.roomOf(poll.id), poll.roomId)
      const vote = voteFor(poll.id, ['b'])
      t.equal(await ballots.accept(vote), 'accepted')
      const [queued] = await voteQueue.read({ consumer: 'one', ...NOTHING })
      t.same(queued?.vote, vote)
      t.match(queued?.position, /^\d+-\d+$/)

      const upTo = await ballots.closePoll(poll.id)
      t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'closed')
      t.equal(await ballots.openPoll(poll), 'closed', 'closed is closed')
      t.equal(await voteQueue.isDrained(upTo), false)
      await voteQueue.ack([queued?.position ?? ''])
      t.equal(await voteQueue.isDrained(upTo), true)
      await ballots.forgetPoll(poll.id)
      t.equal(await ballots.accept(vote), 'unknown')
    })

    t.test('a poll that is closed before it is known stays closed', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf()
      t.ok(await voteQueue.isDrained(await ballots.closePoll(poll.id)))
      t.equal(await ballots.openPoll(poll), 'closed')
      t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'closed')
      t.equal(await ballots.roomOf(poll.id), null)
    })

    t.test('options are known ones, each once, and one where one is asked for', async (t) => {
      const { ballots } = await open(t, twin)
      const [single, several] = [pollOf(), pollOf({ multiple: true })]
      for (const poll of [single, several]) await ballots.openPoll(poll)
      const answers = (poll: OpenedPoll, ...votes: string[][]) =>
        Promise.all(votes.map((options) => ballots.accept(voteFor(poll.id, options))))
      t.same(await answers(single, ['a'], ['a', 'b'], [], ['d']), ['accepted', 'invalid', 'invalid', 'invalid'])
      t.same(await answers(several, ['c', 'a'], ['a', 'a'], [], ['a', 'd'], ['state']), [
        'accepted',
        ...Array(4).fill('invalid'),
      ])
    })

    t.test(
      'a second vote replaces the first, or is refused where it may not, and where the poll is anonymous',
      async (t) => {
        const { ballots } = await open(t, twin)
        const twice = async (poll: OpenedPoll) => {
          await ballots.openPoll(poll)
          const voter = randomUUID()
          return [
            await ballots.accept(voteFor(poll.id, ['a'], voter)),
            await ballots.accept(voteFor(poll.id, ['b'], voter)),
          ]
        }
        t.same(await twice(pollOf()), ['accepted', 'accepted'])
        t.same(await twice(pollOf({ changeable: false })), ['accepted', 'already_voted'])
        t.same(await twice(pollOf({ anonymous: true })), ['accepted', 'already_voted'])
      },
    )

    t.test('of two votes at once one is accepted', async (t) => {
      const { ballots } = await open(t, twin)
      const poll = pollOf({ changeable: false })
      await ballots.openPoll(poll)
      const voter = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => ballots.accept(voteFor(poll.id, ['a'], voter))),
      )
      t.equal(answers.filter((answer) => answer === 'accepted').length, 1)
    })

    t.test('a poll that is opened again knows who has voted, and goes on behind what is counted', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const voters = Array.from({ length: 4500 }, () => randomUUID())
      const after = `${Date.now() + 3_600_000}-7`
      const poll = pollOf({ changeable: false, voters, after })
      await ballots.openPoll(poll)
      for (const voter of [voters[0], voters[1999], voters[2000], voters[4499]])
        t.equal(await ballots.accept(voteFor(poll.id, ['a'], voter)), 'already_voted')
      t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'accepted')
      const [queued] = await voteQueue.read({ consumer: 'one', ...NOTHING })
      t.ok(comparePositions(queued?.position ?? '', after) > 0)
      await ballots.openPoll(pollOf({ after: '5-5' }))
      t.equal(await ballots.accept(voteFor(poll.id, ['b'])), 'accepted', 'never back')
    })

    t.test('each vote goes to one consumer, in the order of acceptance', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf()
      await ballots.openPoll(poll)
      const votes = Array.from({ length: 10 }, () => voteFor(poll.id, ['a']))
      for (const vote of votes) await ballots.accept(vote)
      const first = await voteQueue.read({ consumer: 'one', max: 6, waitMs: 0 })
      const second = await voteQueue.read({ consumer: 'two', max: 6, waitMs: 0 })
      t.same(
        [...first, ...second].map(({ vote }) => vote),
        votes,
      )
      t.same(await voteQueue.read({ consumer: 'one', ...NOTHING }), [])
      t.match(await voteQueue.backlog(), { waiting: 10, pending: 10 })
      await voteQueue.ack(first.map(({ position }) => position))
      t.match(await voteQueue.backlog(), { waiting: 4, pending: 4 })
      t.ok((await voteQueue.backlog()).oldestMs >= 0)
    })

    t.test('waits for a vote, and no longer than the signal', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf()
      await ballots.openPoll(poll)
      const reading = voteQueue.read({ consumer: 'one', max: 10, waitMs: 60_000 })
      await ballots.accept(voteFor(poll.id, ['a']))
      t.equal((await reading).length, 1)
      t.same(await voteQueue.read({ consumer: 'one', max: 10, waitMs: 1 }), [])
      const ending = new AbortController()
      const idle = voteQueue.read({ consumer: 'one', max: 10, waitMs: 2_000, signal: ending.signal })
      ending.abort()
      t.same(await idle, [])
      t.same(await voteQueue.read({ consumer: 'one', max: 10, waitMs: 60_000, signal: ending.signal }), [])
    })

    t.test('what a consumer leaves is claimed by another; it is removed when it has nothing', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf()
      await ballots.openPoll(poll)
      const vote = voteFor(poll.id, ['a'])
      await ballots.accept(vote)
      const [taken] = await voteQueue.read({ consumer: 'dead', ...NOTHING })
      await voteQueue.leave('dead')
      t.equal(await voteQueue.removeGone(0), 0, 'it has a vote')
      t.same(await voteQueue.claim({ consumer: 'alive', max: 10, idleMs: 60_000 }), [], 'it may be at it')
      t.same(await voteQueue.claim({ consumer: 'alive', max: 10, idleMs: 0 }), [taken])
      t.equal(await voteQueue.removeGone(0), 1)
      await voteQueue.ack([taken?.position ?? ''])
      await voteQueue.leave('alive')
      t.equal(await voteQueue.removeGone(0), 0)
    })

    t.test('what cannot be counted is buried once, with the reason', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf({ multiple: true })
      await ballots.openPoll(poll)
      const vote = voteFor(poll.id, ['a', 'b'])
      await ballots.accept(vote)
      const [taken] = await voteQueue.read({ consumer: 'one', ...NOTHING })
      const { dead } = await voteQueue.backlog()
      const letter = { position: taken?.position ?? '', reason: 'no such poll' }
      await voteQueue.bury([letter])
      await voteQueue.bury([letter])
      t.match(await voteQueue.backlog(), { waiting: 0, pending: 0, dead: dead + 1 })
      const fields = { poll: poll.id, voter: vote.voter, options: '["a","b"]', at: '1800000000000', anonymous: '0' }
      t.same((await voteQueue.deadLetters(100)).at(-1), { ...letter, fields })
    })

    t.test('a dead letter of an anonymous poll does not say whose it was', async (t) => {
      const { ballots, voteQueue } = await open(t, twin)
      const poll = pollOf({ anonymous: true })
      await ballots.openPoll(poll)
      await ballots.accept(voteFor(poll.id, ['b']))
      const [taken] = await voteQueue.read({ consumer: 'one', ...NOTHING })
      await voteQueue.bury([{ position: taken?.position ?? '', reason: 'no such poll' }])
      const fields = { poll: poll.id, options: '["b"]', anonymous: '1' }
      t.same((await voteQueue.deadLetters(100)).at(-1)?.fields, fields)
    })
  })
}

t.test('without Redis everything says so, and works on when it is back, empty', async (t) => {
  const redis = await startRedis(t)
  const { ballots, voteQueue, status } = await openRedisState(t, redis.url)
  const poll = pollOf()
  const read = (waitMs: number) => voteQueue.read({ consumer: 'one', max: 10, waitMs })
  await ballots.openPoll(poll)
  t.same(await read(10), [])
  await redis.kill()
  await until(() => status() === 'down')
  const calls = [
    () => ballots.openPoll(poll),
    () => ballots.closePoll(poll.id),
    () => ballots.forgetPoll(poll.id),
    () => ballots.roomOf(poll.id),
    () => ballots.accept(voteFor(poll.id, ['a'])),
    () => read(10),
    () => read(0),
    () => voteQueue.claim({ consumer: 'one', max: 1, idleMs: 0 }),
    () => voteQueue.ack(['1-1']),
    () => voteQueue.bury([{ position: '1-1', reason: 'x' }]),
    () => voteQueue.backlog(),
    () => voteQueue.isDrained('1-1'),
  ]
  for (const call of calls) await t.rejects(async () => void (await call()), { name: 'StateUnavailableError' })
  await redis.start()
  await until(() => status() === 'up')
  t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'unknown')
  t.same(await voteQueue.backlog(), { waiting: 0, pending: 0, oldestMs: 0, dead: 0 })
  t.equal(await voteQueue.removeGone(0), 0)
  t.same(await voteQueue.claim({ consumer: 'one', max: 1, idleMs: 0 }), [], 'the group is made again')
  await ballots.openPoll(poll)
  t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'accepted')
  t.equal((await atLast(() => read(10_000))).length, 1)
})

t.test('an append-only Redis that is restarted has lost nothing', async (t) => {
  const redis = await startRedis(t, { appendOnly: true })
  const { ballots, voteQueue, status } = await openRedisState(t, redis.url)
  const poll = pollOf({ changeable: false })
  await ballots.openPoll(poll)
  const vote = voteFor(poll.id, ['a'])
  await ballots.accept(vote)
  await ballots.accept(voteFor(poll.id, ['b']))
  const [taken] = await voteQueue.read({ consumer: 'one', max: 1, waitMs: 0 })
  await redis.stop()
  await until(() => status() === 'down')
  await redis.start()
  await until(() => status() === 'up')
  t.equal(await ballots.accept(vote), 'already_voted')
  t.same(await voteQueue.claim({ consumer: 'two', max: 10, idleMs: 0 }), [taken])
  t.equal((await voteQueue.read({ consumer: 'two', max: 10, waitMs: 0 })).length, 1)
})

t.test('an entry that nobody here wrote is read as none', async (t) => {
  const redis = await startRedis(t)
  const { voteQueue } = await openRedisState(t, redis.url)
  const direct = new Redis(redis.url)
  t.teardown(() => direct.disconnect())
  await direct.xadd('fm:{votes}', '*', 'poll', 'x')
  await direct.xadd('fm:{votes}', '*', 'poll', 'x', 'voter', 'y', 'options', '{', 'at', '1', 'anonymous', '0')
  const read = await voteQueue.read({ consumer: 'one', max: 10, waitMs: 0 })
  t.same(
    read.map(({ vote }) => vote),
    [null, null],
  )
  await voteQueue.bury(read.map(({ position }) => ({ position, reason: 'malformed' })))
  t.same(
    (await voteQueue.deadLetters(10)).map(({ fields }) => fields.poll),
    ['x', 'x'],
  )
})

t.test('a process on its own forgets what was closed long ago', async (t) => {
  const clock = createTestClock()
  const { ballots } = createMemoryState({ failures: FAILURES, now: clock.now })
  const poll = pollOf()
  await ballots.openPoll(poll)
  await ballots.closePoll(poll.id)
  clock.advance(CLOSED_MS)
  t.equal(await ballots.accept(voteFor(poll.id, ['a'])), 'unknown')
  t.equal(await ballots.openPoll(pollOf()), 'open')
  t.equal(await ballots.roomOf(poll.id), null)
})

t.test('the keys of a poll do not stay for ever', async (t) => {
  const redis = await startRedis(t)
  const { ballots } = await openRedisState(t, redis.url)
  const direct = new Redis(redis.url)
  t.teardown(() => direct.disconnect())
  const poll = pollOf()
  await ballots.openPoll(poll)
  const ttl = () => direct.pttl(`fm:{votes}:poll:${poll.id}`)
  t.ok((await ttl()) > 86_400_000)
  await ballots.closePoll(poll.id)
  const left = await ttl()
  t.ok(left > 0 && left <= 3_600_000)
})

t.test('in a cluster, whoever waits for votes follows them when their slot moves', async (t) => {
  const cluster = await startRedisCluster(t)
  const { ballots, voteQueue } = await openRedisState(t, cluster.url)
  const poll = pollOf()
  await ballots.openPoll(poll)
  t.same(await voteQueue.read({ consumer: 'one', max: 10, waitMs: 10 }), [])
  const reading = atLast(() => voteQueue.read({ consumer: 'one', max: 10, waitMs: 60_000 }))

  const slot = slotOf(VOTES_KEY)
  const from = await cluster.ownerOf(VOTES_KEY)
  const to = cluster.primaries.find((server) => server !== from)
  if (!to) throw new Error('no other server')
  const [fromId, toId] = await Promise.all([from, to].map((server) => server.call('CLUSTER', 'MYID')))
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(fromId))
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(toId))
  const keys = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100)) as string[]
  await from.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys)
  for (const server of [to, from, ...cluster.primaries])
    await server.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(toId))

  const vote = voteFor(poll.id, ['a'])
  t.equal(await atLast(() => ballots.accept(vote)), 'accepted')
  t.same((await reading)[0]?.vote, vote)
})
