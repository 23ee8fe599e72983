import { randomUUID } from 'node:crypto'
import t from 'tap'
import { createPollsRepository } from '../../repositories/polls.ts'
import { createVotesRepository } from '../../repositories/votes.ts'
import { createPollAccess } from '../../services/polls/access.ts'
import { createThrottle } from '../../services/polls/throttle.ts'
import { createVoting } from '../../services/polls/voting.ts'
import { createBallotOpening } from '../../services/votes/opening.ts'
import { backends } from '../support/backends.ts'
import { openMeetings } from '../support/meetings.ts'

/** The same object, with every call counted. */
function counted<T extends object>(target: T, calls: { made: number }): T {
  return new Proxy(target, {
    get(object, name) {
      const value = Reflect.get(object, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        calls.made += 1
        return value.apply(object, args)
      }
    },
  })
}

for (const backend of backends) {
  t.test(backend.name, async (t) => {
    const { meetings, rooms, participants, state, db, addUser, guest } = await openMeetings(t, backend)
    const asked = { made: 0 }
    const cast: string[] = []
    const polls = createPollsRepository(db)
    const votes = createVotesRepository(db)
    const repositories = {
      polls: counted(polls, asked),
      rooms: counted(rooms, asked),
      participants: counted(participants, asked),
    }
    const openBallot = createBallotOpening({ ballots: state.ballots, votes: counted(votes, asked) })
    const voting = createVoting(
      {
        ...{ ...repositories, state, now: () => new Date() },
        voteMetrics: { cast: (acceptance) => void cast.push(acceptance) },
      },
      createPollAccess(repositories),
      openBallot,
    )
    const host = await addUser()
    const { room_code: code } = await meetings.create(host, { name: 'Room' })
    const room = await rooms.findByCode(code)
    const options = ['1', '2'].map((id) => ({ id, text: id }))
    const made = await polls.insert({
      ...{ id: randomUUID(), room_id: room?.id ?? '', question: 'Q', language: 'en', options, multiple: false },
      ...{ anonymous: false, changeable: true, results: 'live', created_by: null, created_at: new Date() },
    })
    await polls.setStatus(made.id, { from: 'draft', to: 'open', at: new Date() })
    const { guest_token } = await meetings.join(null, code, { display_name: 'Ana' }, 'group')
    const ana = guest(guest_token)
    const user = await addUser()
    await meetings.join(user, code, {}, 'group')

    /** Resolves when everything that the room was told before has come to every listener. */
    async function heard(): Promise<void> {
      const id = randomUUID()
      const { promise, resolve } = Promise.withResolvers<void>()
      const stop = await state.roomEvents.subscribe(room?.id ?? '', (event) => event.id === id && resolve())
      await state.roomEvents.append(room?.id ?? '', { type: 'mark', id })
      await promise
      stop()
    }

    await t.test('once somebody has voted, a vote asks the database nothing', async (t) => {
      // Redis does not know the poll at first, as after a loss.
      for (const principal of [ana, user]) await voting.vote(principal, made.id, ['1'])
      t.ok(asked.made > 0)
      asked.made = 0
      for (const option of ['2', '1', '2'])
        for (const principal of [ana, user]) await voting.vote(principal, made.id, [option])
      t.equal(asked.made, 0)
      await t.rejects(voting.vote(ana, made.id, ['3']), { code: 'VALIDATION_ERROR' })
      t.equal(asked.made, 0)
      t.same(cast, [...Array(8).fill('accepted'), 'invalid'])
    })

    await t.test(
      'one whose connection is lost still votes; who leaves is forgotten at once, and nobody else',
      async (t) => {
        const record = await participants.findByUser(room?.id ?? '', user.userId)
        await state.roomEvents.append(room?.id ?? '', {
          type: 'participant.left',
          reason: 'gone',
          participant: { id: record?.id },
        })
        await heard()
        asked.made = 0
        await voting.vote(user, made.id, ['1'])
        t.equal(asked.made, 0)
        await meetings.leave(user, code)
        await heard()
        await t.rejects(voting.vote(user, made.id, ['1']), { code: 'FORBIDDEN' })
        asked.made = 0
        await voting.vote(ana, made.id, ['1'])
        t.equal(asked.made, 0)
      },
    )

    await t.test('a poll that is closed is closed, also where Redis has lost it', async (t) => {
      await polls.setStatus(made.id, { from: 'open', to: 'closing', at: new Date() })
      await state.ballots.forgetPoll(made.id)
      await t.rejects(voting.vote(ana, made.id, ['1']), { code: 'CONFLICT' })
      await polls.remove(made.id)
      await t.rejects(voting.vote(ana, made.id, ['1']), { code: 'NOT_FOUND' })
      await t.rejects(voting.vote(ana, randomUUID(), ['1']), { code: 'NOT_FOUND' })
    })
  })
}

t.test('work that is asked for too often is done now and then, and the last of it is done', async (t) => {
  // The throttle's own timers keep no process alive.
  const alive = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(alive))
  const { promise: done, resolve: finish } = Promise.withResolvers<void>()
  const seen: number[] = []
  const failed: unknown[] = []
  let running = 0
  const throttle = createThrottle(5, (error) => void failed.push(error))
  for (let i = 1; i <= 100; i++)
    throttle.ask('a', async () => {
      running += 1
      t.equal(running, 1, 'one at a time')
      await new Promise(setImmediate)
      running -= 1
      seen.push(i)
      if (i === 100) finish()
      throw new Error('no')
    })
  await done
  t.same(seen, [1, 100])
  const again = Promise.withResolvers<void>()
  throttle.ask('a', async () => again.resolve())
  await again.promise
  t.equal(failed.length, 2)
})
