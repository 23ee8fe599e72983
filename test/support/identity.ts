import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Config } from '../../config.ts'
import { openDatabase } from '../../repositories/database.ts'
import { createIdentity } from '../../services/identity.ts'
import { createTokens } from '../../services/tokens.ts'
import { createMemoryState } from '../../state/memory/state.ts'
import type { State } from '../../state/state.ts'
import { testConfig } from '../helper.ts'
import type { backends } from './backends.ts'
import { FAILURES, openRedisState } from './states.ts'

export const CALLER = { userAgent: 'Test/1.0', address: '192.0.2.1', group: '192.0.2.1' }

export interface Mail {
  file: string
  text: string
  /** The token of its link; empty when it has none. */
  token: string
}

/** Accounts and sessions on the real parts of a backend, with a clock that stands still until the test moves it. */
export async function openIdentity(t: Test, backend: (typeof backends)[number], settings: Partial<Config> = {}) {
  const { redisUrl, databaseUrl } = await backend.open(t)
  const config = testConfig({ ...settings, dataDir: t.testdir() })
  const database = await openDatabase({ databaseUrl, dataDir: config.dataDir }, { warn: () => undefined })
  t.teardown(() => database.close())
  await database.migrate()

  let time = Date.now()
  const now = () => time
  const state: State = redisUrl
    ? await openRedisState(t, redisUrl, { now })
    : createMemoryState({ failures: FAILURES, now })
  const lines: string[] = []
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }))
  const deleted: string[] = []
  const parts = {
    config,
    db: database.db,
    state,
    tokens: createTokens(config),
    log: { info: write, warn: write, error: write },
    onUserDeleted: async (userId: string) => void deleted.push(userId),
    now: () => new Date(time),
  }
  const identity = createIdentity(parts)
  t.teardown(() => identity.close())

  const outbox = join(config.dataDir, 'outbox')
  return {
    ...identity,
    parts,
    state,
    db: database.db,
    deleted,
    /** Everything that was logged, one JSON object a line. */
    lines,
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
      const user = await identity.accounts.signup({ ...account, accepted_terms: true })
      return { ...account, id: user.id }
    },
    /** Sends what is due; every mail to that address, oldest first. */
    async mailsTo(email: string): Promise<Mail[]> {
      await identity.mail.run()
      const files = (await readdir(outbox).catch(() => [])).sort()
      const mails = await Promise.all(
        files.map(async (file) => ({ file, text: await readFile(join(outbox, file), 'utf8') })),
      )
      return mails
        .filter(({ text }) => text.includes(`To: ${email}`))
        .map((mail) => ({ ...mail, token: /^Token: (\S+)/m.exec(mail.text)?.[1] ?? '' }))
    },
  }
}
