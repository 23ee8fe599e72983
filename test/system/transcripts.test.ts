import { randomBytes } from 'node:crypto'
import t from 'tap'
import { newRoom, newUser } from '../support/client.ts'
import { dataFolder } from '../support/data-folder.ts'
import { startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startServer } from '../support/server-process.ts'
import { connect, ticketFor } from '../support/socket-client.ts'
import { until } from '../support/states.ts'
import { transcriptOf } from '../support/transcripts.ts'

async function textsOf(base: string, code: string, token: string): Promise<string[]> {
  const { status, text } = await transcriptOf(base, code, token)
  return status === 200 ? JSON.parse(text).captions.map((caption: { text: string }) => caption.text) : []
}

t.test('what was said while PostgreSQL was away, at a process that was killed, is in the transcript', async (t) => {
  const redis = await startRedis(t)
  const postgres = await startPostgres(t)
  const shared = {
    REDIS_URL: redis.url,
    DATABASE_URL: await postgres.createDatabase(),
    SECRET_KEY: randomBytes(32).toString('base64url'),
  }
  const [one, two] = await Promise.all([startServer(t, shared), startServer(t, shared)])
  const user = await newUser(one.url)
  const code = await newRoom(one.url, user.token)
  const socket = await connect(t, one.url, code, await ticketFor(one.url, code, user.token))
  await socket.next('welcome')
  socket.send({ type: 'say', text: 'Before' })
  await socket.next('caption')
  await until(async () => (await textsOf(two.url, code, user.token)).length === 1)

  await postgres.stop()
  const said = Array.from({ length: 5 }, (_, n) => `Meanwhile ${n}`)
  for (const text of said) {
    socket.send({ type: 'say', text })
    t.match(await socket.next('caption'), { text }, 'captions flow on')
  }
  await one.stop('SIGKILL')
  await postgres.start()
  await until(async () => (await textsOf(two.url, code, user.token)).length === 6)
  t.same(await textsOf(two.url, code, user.token), ['Before', ...said])
  t.equal(await two.stop(), 0)
})

t.test('the embedded default keeps what was said right before it was told to end', async (t) => {
  const settings = { DATA_DIR: dataFolder(t), SECRET_KEY: randomBytes(32).toString('base64url') }
  const first = await startServer(t, settings)
  const user = await newUser(first.url)
  const code = await newRoom(first.url, user.token)
  const socket = await connect(t, first.url, code, await ticketFor(first.url, code, user.token))
  await socket.next('welcome')
  socket.send({ type: 'say', text: 'One last thing' })
  await socket.next('caption')
  t.equal(await first.stop(), 0)
  const second = await startServer(t, settings)
  t.same(await textsOf(second.url, code, user.token), ['One last thing'])
  t.equal(await second.stop(), 0)
})
