import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { openServices, type ServiceOverrides } from '../../app-services.ts'
import type { Config } from '../../config.ts'
import { openDatabase } from '../../repositories/database.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { State } from '../../state/state.ts'
import { captureLog, testConfig } from '../helper.ts'
import type { backends } from './backends.ts'
import { dataFolder } from './data-folder.ts'
import { FAILURES, openRedisState } from './states.ts'

export const CALLER = { userAgent: 'Test/1.0', address: '192.0.2.1', group: '192.0.2.1' }

export interface Mail {
  file: string
  text: string
  /** The token of its link; empty when it has none. */
  token: string
}

/** Accounts and sessions as the app builds them on a backend, with a clock that stands still until the test moves it. */
export async function openAccounts(t: Test, backend: (typeof backends)[number], settings: Partial<Config> = {}) {
  const { redisUrl, databaseUrl } = await backend.open(t)
  const config = testConfig({ ...settings, dataDir: dataFolder(t) })
  const database = await openDatabase({ databaseUrl, dataDir: config.dataDir }, { warn: () => undefined })
  t.teardown(() => database.close())
  await database.migrate()

  let time = Date.now()
  const now = () => time
  const state: State = redisUrl
    ? await openRedisState(t, redisUrl, { now })
    : createMemoryState({ failures: FAILURES, now })
  const log = captureLog()

  /** The services of another process on the same stores. */
  async function start(overrides: Partial<ServiceOverrides> = {}, settings: Partial<Config> = {}) {
    const parts = { database, state, translator: null, now: () => new Date(time), ...overrides }
    const services = await openServices({ ...config, ...settings }, log.logger, parts)
    t.teardown(() => services.close())
    return services
  }

  const services = await start()
  const { accounts, mailWorker, outboxFolder } = services
  return {
    ...services,
    start,
    db: database.db,
    log,
    now: () => new Date(time),
    advance(ms: number) {
      time += ms
    },
    /** Signs up somebody new. */
    async newAccount(change: { email?: string; password?: string; full_name?: string } = {}) {
      const account = {
        email: `${randomUUID()}@example.org`,
        password: `long enough ${randomUUID()}`,
        full_name: 'Ana Pérez',
        ...change,
      }
      const user = await accounts.signup({ ...account, accepted_terms: true })
      return { ...account, id: user.id, answer: user }
    },
    /** Sends what is due; every mail to that address in the outbox, oldest first. */
    async mailsTo(email: string): Promise<Mail[]> {
      await mailWorker.run()
      const files = (await readdir(outboxFolder).catch(() => [])).sort()
      const texts = await Promise.all(files.map((file) => readFile(join(outboxFolder, file), 'utf8')))
      return texts
        .map((text, i) => ({ file: files[i] ?? '', text, token: /^Token: (\S+)/m.exec(text)?.[1] ?? '' }))
        .filter(({ text }) => text.includes(`To: ${email}`))
    },
  }
}
