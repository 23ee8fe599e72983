import type { Config } from '../config.ts'
import type { Database } from '../repositories/database.ts'
import { createMailJobsRepository } from '../repositories/mail-jobs.ts'
import { createOneTimeTokensRepository } from '../repositories/one-time-tokens.ts'
import { createRefreshTokensRepository } from '../repositories/refresh-tokens.ts'
import { createSessionsRepository } from '../repositories/sessions.ts'
import { createUsersRepository } from '../repositories/users.ts'
import type { State } from '../state/state.ts'
import { createMailWorker, type MailWorkerOptions } from '../workers/mail.ts'
import { createAccounts } from './accounts.ts'
import { createCsrf } from './csrf.ts'
import { createDelivery } from './mail/delivery.ts'
import { createMailTransport } from './mail/transport.ts'
import { createOneTimeLinks } from './one-time-links.ts'
import { createPasswords } from './passwords.ts'
import { createSecurityLog } from './security-log.ts'
import { createSessions } from './sessions.ts'
import type { Tokens } from './tokens.ts'

const PURGE_MS = 3_600_000

export interface IdentityOptions {
  config: Config
  db: Database
  state: Pick<State, 'revocations' | 'failures' | 'onRecovered'>
  tokens: Pick<Tokens, 'issueAccess'>
  log: MailWorkerOptions['log']
  /** Called before a user is erased. */
  onUserDeleted: (userId: string) => Promise<void>
  now?: () => Date
}

export type Identity = ReturnType<typeof createIdentity>

/** Accounts and sessions put together over one database and one shared state, with the worker that sends their mail. */
export function createIdentity({
  config,
  db,
  state,
  tokens,
  log,
  onUserDeleted,
  now = () => new Date(),
}: IdentityOptions) {
  const users = createUsersRepository(db)
  const mailJobs = createMailJobsRepository(db)
  const securityLog = createSecurityLog(log)
  const csrf = createCsrf(config)
  const sessions = createSessions({
    ...config,
    database: db,
    sessions: createSessionsRepository(db),
    refreshTokens: createRefreshTokensRepository(db),
    state,
    tokens,
    securityLog,
    now,
  })
  const links = createOneTimeLinks({ ...config, database: db, oneTimeTokens: createOneTimeTokensRepository(db), now })
  const transport = createMailTransport(config)
  const mail = createMailWorker({ mailJobs, deliver: createDelivery({ ...config, users, links, transport }), log, now })
  const accounts = createAccounts({
    ...config,
    database: db,
    users,
    mailJobs,
    passwords: createPasswords(),
    sessions,
    links,
    csrf,
    state,
    securityLog,
    mailQueued: mail.wake,
    onUserDeleted,
    now,
  })

  const quietly = (what: string, work: () => Promise<void>) => () =>
    work().catch((err: unknown) => log.warn({ err }, `could not ${what}`))
  const rewarm = quietly('tell the shared state of revoked sessions', sessions.rewarm)
  const purge = quietly('delete what has expired', async () => {
    await sessions.purge()
    await links.purge()
  })
  const purging = setInterval(purge, PURGE_MS)
  purging.unref()
  state.onRecovered(() => void rewarm())

  return {
    accounts,
    sessions,
    csrf,
    users,
    mail,
    /** To be called once the database is migrated: tells the shared state what it must know before the first request. */
    start: rewarm,
    /** Waits for the mail at hand. */
    async close(): Promise<void> {
      clearInterval(purging)
      await mail.close()
      transport.close()
    },
  }
}
