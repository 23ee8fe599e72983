import t from 'tap'
import { readExposition } from '../support/exposition.ts'
import { readWhenServed, startWithMetrics } from '../support/metrics-processes.ts'

t.test('metrics on a port of their own, of the server and of the vote worker', async (t) => {
  const { server, worker, ofServer, ofWorker } = await startWithMetrics(t)
  const own = readExposition(await readWhenServed(ofServer))
  t.equal(own.value('fluentmeet_redis_up'), 1)
  t.equal(own.value('fluentmeet_votes_waiting'), 0, 'also while no worker lives')
  t.equal((await fetch(`${server.url}/metrics`)).status, 404, 'and not beside the app')
  for (const path of ['/livez', '/health', '/api/v1/meetings', '/docs', '/', '/nowhere', '/%zz'])
    t.match(
      await (await fetch(`${ofServer}${path}`)).json(),
      { status: 'error', request_id: String },
      `no ${path} there`,
    )
  const answer = await fetch(`${ofServer}/metrics`)
  t.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  t.equal((await fetch(`${ofServer}/metrics`, { method: 'POST', body: 'x' })).status, 404)

  const workers = worker()
  const theirs = readExposition(await readWhenServed(ofWorker))
  for (const name of ['votes_waiting', 'votes_oldest_seconds', 'votes_dead_letters', 'votes_counted_total'])
    t.equal(theirs.value(`fluentmeet_${name}`), 0, name)
  t.equal(theirs.value('fluentmeet_database_up'), 1)
  t.ok((theirs.value('process_cpu_seconds_total') ?? 0) > 0)
  t.notOk(theirs.types.has('fluentmeet_http_requests_total'))
  t.strictSame(await workers.stop(), [0])
  t.equal(await server.stop(), 0)
  await t.rejects(fetch(`${ofServer}/metrics`), 'the port is given back')
})

t.test('a token is asked for there too; a port that is taken stops the start', async (t) => {
  const token = 'a-token-for-scrapers-1234567890'
  const { server, worker, ofServer, ofWorker } = await startWithMetrics(t, { METRICS_TOKEN: token })
  t.equal((await fetch(`${ofServer}/metrics`)).status, 401)
  const headers = { authorization: `Bearer ${token}` }
  t.ok((await readWhenServed(ofServer, headers)).includes('fluentmeet_build_info'))
  t.equal((await fetch(`${server.url}/metrics`, { headers })).status, 200)
  const workers = worker()
  await readWhenServed(ofWorker, headers)
  t.equal((await fetch(`${ofWorker}/metrics`)).status, 401)
  const late = worker()
  while (!late.lines.some((line) => line.includes('could not start')))
    await new Promise((resolve) => setTimeout(resolve, 50))
  t.match(late.lines.join('\n'), /The vote worker could not start: .*EADDRINUSE/)
  await workers.stop()
})
