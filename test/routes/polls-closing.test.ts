import t from 'tap'
import { createPollsRepository } from '../../repositories/polls.ts'
import { buildTestApp } from '../helper.ts'
import { openPair } from '../support/app-pair.ts'
import { backends } from '../support/backends.ts'
import { newRoom, newUser } from '../support/client.ts'
import { listen } from '../support/meeting-app.ts'
import { pollCalls } from '../support/poll-app.ts'
import { openRedisState } from '../support/states.ts'

t.test('a poll closes when its votes are counted, whoever counts them', async (t) => {
  const [, distributed] = backends
  if (!distributed) return
  const urls = await distributed.open(t)
  const start = async (voteConsumer: 'off' | 'inside') =>
    listen(t, { ...urls, voteConsumer }, { state: await openRedisState(t, urls.redisUrl ?? ''), translator: null })
  const app = await start('off')
  const { opened, vote, close, list, results } = pollCalls(app)
  const host = await app.user()
  const code = await app.room(host)
  const id = await opened(code, host.token)
  t.equal((await vote(id, host.token, '2')).status, 202)
  const closing = close(id, host.token)
  const status = async () => (await list(code, host.token)).body.polls[0]?.status
  while ((await status()) === 'open');
  t.equal(await status(), 'closing')
  t.equal((await vote(id, host.token, '1')).status, 409)
  t.match((await results(id, host.token)).body.results, { final: false, voter_count: 0 })
  await start('inside')
  t.match(await closing, { status: 200, body: { status: 'closed', your_vote: ['2'] } })
  t.match((await results(id, host.token)).body.results, { final: true, voter_count: 1 })
})

t.test('a vote that is on its way goes with the account, where the room wants it so', async (t) => {
  const [, distributed] = backends
  if (!distributed) return
  const urls = await distributed.open(t)
  const start = async (voteConsumer: 'off' | 'inside') =>
    listen(t, { ...urls, voteConsumer }, { state: await openRedisState(t, urls.redisUrl ?? ''), translator: null })
  const app = await start('off')
  const { opened, vote, close, counts, call } = pollCalls(app)
  const [host, ana] = [await app.user(), await app.user()]
  const code = await app.room(host)
  await call('PATCH', `/meetings/${code}/config`, host.token, { deleted_words: 'remove' })
  await app.join(code, ana.token)
  const id = await opened(code, host.token)
  for (const { token } of [host, ana]) t.equal((await vote(id, token, '2')).status, 202)
  const deleting = call('DELETE', '/users/me', ana.token, { password: ana.password })
  await start('inside')
  t.equal((await deleting).status, 204)
  await close(id, host.token)
  t.same(await counts(id, host.token), [1, 0, 1, 0])
})

for (const backend of backends) {
  t.test(`${backend.name}: what a process began to close another finishes`, async (t) => {
    const app = await buildTestApp(t, { backend, config: { rateLimitDefaultPerMinute: 10_000 } })
    const base = await app.listen({ port: 0, host: '127.0.0.1' })
    const { opened, vote, results } = pollCalls({ base })
    const host = await newUser(base)
    const [code, other] = [await newRoom(base, host.token), await newRoom(base, host.token)]
    const [left, open, ended] = [
      await opened(code, host.token),
      await opened(code, host.token),
      await opened(other, host.token),
    ]
    for (const id of [left, open, ended]) t.equal((await vote(id, host.token, '1')).status, 202)
    const { database, polls } = app.services
    const records = createPollsRepository(database.db)
    await records.setStatus(left, { from: 'open', to: 'closing', at: new Date() })
    await database.db.execute(`update rooms set status = 'ended' where room_code = '${other}'`)
    await polls.settle()
    const seen = async (id: string) => (await results(id, host.token)).body
    for (const id of [left, ended])
      t.match(await seen(id), { poll: { status: 'closed' }, results: { final: true, voter_count: 1 } })
    t.match(await seen(open), { poll: { status: 'open' }, results: { final: false } })
  })
}

t.test('a server that cannot reach Redis takes no vote, and says so', async (t) => {
  const { redis, one } = await openPair(t)
  const { opened, vote } = pollCalls(one)
  const host = await one.user()
  const code = await one.room(host)
  const id = await opened(code, host.token)
  t.equal((await vote(id, host.token, '1')).status, 202)
  await redis.stop()
  t.match(await vote(id, host.token, '2'), { status: 503, body: { code: 'SERVICE_UNAVAILABLE' } })
})
