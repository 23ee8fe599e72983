import { randomBytes, randomUUID } from 'node:crypto'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { createApiKeysRepository } from '../../repositories/api-keys.ts'
import { createAuditEventsRepository } from '../../repositories/audit-events.ts'
import type { Database, Transaction } from '../../repositories/database.ts'
import { createOneTimeTokensRepository } from '../../repositories/one-time-tokens.ts'
import { createRecoveryCodesRepository } from '../../repositories/recovery-codes.ts'
import { createSessionsRepository } from '../../repositories/sessions.ts'
import { createUsersRepository, type UserRecord } from '../../repositories/users.ts'
import { cleanText, isEmail, isSafeText, normaliseEmail } from '../../schemas/common.ts'
import { createOrigins } from '../../services/audit/origin.ts'
import { createAudit } from '../../services/audit.ts'
import { createOneTimeLinks } from '../../services/one-time-links.ts'
import { createPasswords } from '../../services/passwords.ts'
import { ScriptError } from './database-script.ts'

export interface AdminAccountsOptions {
  config: Pick<Config, 'publicUrl'>
  askPassword: () => Promise<string>
  say: (line: string) => void
}

/** Making and unmaking admins, by whoever holds the database. Each act is in the audit trail. */
export function createAdminAccounts(db: Database, { config, askPassword, say }: AdminAccountsOptions) {
  const users = createUsersRepository(db)
  const sessions = createSessionsRepository(db)
  const apiKeys = createApiKeysRepository(db)
  const recoveryCodes = createRecoveryCodesRepository(db)
  const passwords = createPasswords()
  const links = createOneTimeLinks({ ...config, database: db, oneTimeTokens: createOneTimeTokensRepository(db) })
  const audit = createAudit({
    database: db,
    auditEvents: createAuditEventsRepository(db),
    securityLog: () => undefined,
    origins: createOrigins(),
    digestAddress: () => '',
    log: { error: (_fields, message) => console.error(message) },
    now: () => new Date(),
  })

  function addressOf(given: string): string {
    const email = normaliseEmail(given)
    if (!isEmail(email)) throw new ScriptError(`${given} is no e-mail address.`)
    return email
  }

  async function find(email: string): Promise<UserRecord> {
    const user = await users.findByEmail(addressOf(email))
    if (!user) throw new ScriptError(`Nobody has an account with ${email}: "create" makes one.`)
    return user
  }

  /** A hash that no password has, where one is to be chosen by a link. */
  async function newHash(owner: { email: string; full_name: string }, byLink: boolean): Promise<string> {
    const password = byLink ? randomBytes(32).toString('base64url') : await askPassword()
    try {
      if (!byLink) passwords.requireGood('password', password, owner)
    } catch (error) {
      if (error instanceof AppError)
        throw new ScriptError(`The password ${error.details[0]?.message ?? 'is not good'}.`)
      throw error
    }
    return passwords.hash(password)
  }

  async function sayLink(userId: string): Promise<void> {
    const link = await links.issue(userId, 'reset')
    if (!link) throw new ScriptError('Too many links were made of late: wait ten minutes.')
    say(`Choose the password within 10 minutes at ${link.url}`)
  }

  async function makeAccount(email: string, name: string, byLink: boolean): Promise<UserRecord> {
    const full_name = cleanText(name)
    const password_hash = await newHash({ email, full_name }, byLink)
    const at = new Date()
    return audit.transaction(async (tx, record) => {
      const made = await users.insert(
        {
          ...{ id: randomUUID(), email, full_name, password_hash, role: 'admin' },
          ...{ speaking_language: 'en', listening_language: 'en' },
          // Whoever holds the database vouches for the address.
          ...{ email_verified_at: at, accepted_terms_at: at, created_at: at, updated_at: at },
        },
        tx,
      )
      if (!made) throw new ScriptError('Somebody signed up with this address at the same time: try again.')
      record({ action: 'admin_created', outcome: 'success', subject: made.id })
      return made
    })
  }

  /** Whoever made an account with an address that nobody has proved keeps no way into it. */
  async function takeOver(user: UserRecord, password_hash: string, tx: Transaction): Promise<void> {
    const at = new Date()
    await users.setPasswordHash(user.id, { hash: password_hash, at }, tx)
    await users.clearTotp(user.id, at, tx)
    await recoveryCodes.replace(user.id, [], at, tx)
    await users.markVerified(user.id, at, tx)
    await apiKeys.revokeAll(user.id, at, tx)
    await sessions.revoke(user.id, { reason: 'password_changed', at }, tx)
    await links.voidAll(user.id, 'reset', tx)
  }

  async function promote(user: UserRecord, byLink: boolean): Promise<void> {
    if (user.role === 'admin') return say(`${user.email} is an admin already: nothing was changed.`)
    const isProved = user.email_verified_at !== null
    if (!isProved)
      say(`${user.email} has an account, but nobody has proved to own the address: it gets a new password.`)
    const hash = isProved ? null : await newHash(user, byLink)
    await audit.transaction(async (tx, record) => {
      await users.setRole(user.id, 'admin', new Date(), tx)
      if (hash) await takeOver(user, hash, tx)
      record({ action: 'role_granted', outcome: 'success', subject: user.id, details: { new_password: hash !== null } })
    })
    say(`${user.email} had an account: it is an admin's now${isProved ? ', with its old password.' : '.'}`)
    if (hash && byLink) await sayLink(user.id)
  }

  return {
    /** A new admin; or the account that has the address becomes one. */
    async create(given: string, { name, byLink }: { name: string; byLink: boolean }): Promise<void> {
      const email = addressOf(given)
      if (!isSafeText(name) || name.length > 100) throw new ScriptError('The name is not one: 1 to 100 characters.')
      const existing = await users.findByEmail(email)
      if (existing) return promote(existing, byLink)
      const { id } = await makeAccount(email, name, byLink)
      say(`${email} has a new account, and is an admin.`)
      if (byLink) await sayLink(id)
    },

    async grant(email: string): Promise<void> {
      const user = await find(email)
      if (user.role !== 'admin' && !user.email_verified_at)
        throw new ScriptError(`Nobody has proved to own ${user.email}: "create" gives the account a new password too.`)
      await promote(user, false)
    },

    /** At once: the role is read from the database at every call. */
    async revoke(email: string): Promise<void> {
      const user = await find(email)
      const changed = await audit.transaction(async (tx, record) => {
        const changed = await users.setRole(user.id, 'user', new Date(), tx)
        if (changed) record({ action: 'role_revoked', outcome: 'success', subject: user.id })
        return changed
      })
      say(changed ? `${user.email} is no admin any more.` : `${user.email} is no admin: nothing was changed.`)
      if ((await users.admins()).length === 0) say('Nobody is an admin now: "create" makes one.')
    },

    async list(): Promise<void> {
      const admins = await users.admins()
      if (admins.length === 0) say('Nobody is an admin: "create" makes one.')
      for (const { id, email, full_name, totp_confirmed_at } of admins)
        say(`${email}  ${full_name}  ${id}  ${totp_confirmed_at ? 'with' : 'without'} one-time passwords`)
    },
  }
}
