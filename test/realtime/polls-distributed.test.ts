import { Redis } from 'ioredis'
import t from 'tap'
import { openPair } from '../support/app-pair.ts'
import { about, markingTranslator, pollCalls } from '../support/poll-app.ts'

t.test('two processes', async (t) => {
  const { translator } = markingTranslator()
  const { redis, one, two } = await openPair(t, {}, [{ translator }, { translator: markingTranslator().translator }])
  const direct = new Redis(redis.url)
  t.teardown(() => direct.disconnect())
  const [first, second] = [pollCalls(one), pollCalls(two)]
  const [host, ana, ben, luc] = [await one.user('en'), await one.user('es'), await one.user('en'), await one.user('fr')]
  const code = await one.room(host)
  const { participant } = await two.join(code, ana.token)
  await two.join(code, ben.token)
  const [here, there] = [await one.enter(code, host.token), await two.enter(code, ana.token)]

  await t.test('a poll of one is voted in at the other, and grows on both', async (t) => {
    const id = await first.opened(code, host.token, { question: 'Where?' })
    t.match(await about(there, 'poll.opened', id), { poll: { question: 'Where? in es' } })
    t.equal((await second.vote(id, ana.token, '1')).status, 202)
    t.equal((await first.vote(id, ben.token, '2')).status, 202)
    for (const socket of [here, there]) await about(socket, 'poll.updated', id, 2)
    t.equal((await second.close(id, host.token)).status, 200)
    for (const socket of [here, there]) t.match(await about(socket, 'poll.closed', id), { results: { voter_count: 2 } })
    for (const calls of [first, second]) t.equal((await calls.vote(id, ana.token, '1')).status, 409)
    t.match(here.frames.filter(({ type }) => type === 'poll.closed').length, 1)
  })

  await t.test('votes and a close from both sides: what was accepted is counted, exactly', async (t) => {
    const people = await Promise.all(
      Array.from(
        { length: 24 },
        async (_, i) => (await one.join(code, undefined, { display_name: `Guest ${i}` })).guest_token,
      ),
    )
    const id = await first.opened(code, host.token)
    const votes = people.map((token, i) => (i % 2 ? first : second).vote(id, token, String((i % 3) + 1)))
    await Promise.race(votes)
    await Promise.all([first.close(id, host.token), second.close(id, host.token)])
    const accepted = (await Promise.all(votes)).map(({ status }) => status === 202)
    const of = (option: number) => accepted.filter((isIt, i) => isIt && (i % 3) + 1 === option).length
    t.same(await second.counts(id, host.token), [accepted.filter(Boolean).length, of(1), of(2), of(3)])
  })

  await t.test('who is put out at one votes no more at the other', async (t) => {
    const id = await first.opened(code, host.token)
    t.equal((await second.vote(id, ana.token, '1')).status, 202)
    await one.post(`/api/v1/meetings/${code}/kick/${participant.id}`, host.token)
    t.equal(await there.closed, 4403)
    t.equal((await second.vote(id, ana.token, '2')).status, 403)
    await first.close(id, host.token)
    t.same(await first.counts(id, host.token), [1, 1, 0, 0])
  })

  await t.test('Redis that comes back empty knows the poll again by its first vote', async (t) => {
    await two.join(code, luc.token)
    const changeable = await first.opened(code, host.token)
    const final = await first.opened(code, host.token, { changeable: false })
    for (const id of [changeable, final]) {
      await second.vote(id, ben.token, '1')
      await about(here, 'poll.updated', id, 1)
    }
    await direct.flushall()
    t.equal((await second.vote(changeable, ben.token, '2')).status, 202)
    t.equal((await second.vote(final, ben.token, '2')).status, 409, 'it had voted')
    t.equal((await first.vote(final, luc.token, '2')).status, 202)
    for (const id of [changeable, final]) t.equal((await first.close(id, host.token)).status, 200)
    t.same(await first.counts(changeable, host.token), [1, 0, 1, 0])
    t.same(await first.counts(final, host.token), [2, 1, 1, 0])
  })
})
