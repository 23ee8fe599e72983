import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { freePort } from './ports.ts'
import { createDatabase, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { startServer } from './server-process.ts'
import { type Consumers, startConsumers } from './vote-processes.ts'

const PATIENCE_MS = 30_000

/** A server that counts no votes and a worker that does, as an operator starts them, each with its metrics on a port of their own. */
export async function startWithMetrics(t: Test, settings: Record<string, string> = {}) {
  const shared = process.env.TEST_DATABASE_URL
  const databaseUrl = shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase()
  const redis = await startRedis(t)
  const [serverPort, workerPort] = [await freePort(), await freePort()]
  const common = {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    SECRET_KEY: randomBytes(32).toString('base64url'),
    ...settings,
  }
  const server = await startServer(t, { ...common, METRICS_PORT: String(serverPort), VOTE_CONSUMER: 'off' })
  const worker = (): Consumers => startConsumers(t, 1, { ...common, METRICS_PORT: String(workerPort) })
  return {
    redis,
    server,
    worker,
    ofServer: `http://127.0.0.1:${serverPort}`,
    ofWorker: `http://127.0.0.1:${workerPort}`,
  }
}

/** What is served, as soon as something is. */
export async function readWhenServed(base: string, headers: Record<string, string> = {}): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(`${base}/metrics`, { headers }).catch(() => null)
    if (answer?.ok) return answer.text()
    if (Date.now() > deadline) throw new Error(`no metrics at ${base}: ${answer?.status ?? 'nobody listens'}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
