import { AppError } from '../errors.ts'
import type { HeldDataRepository, PageAfter } from '../repositories/held-data.ts'
import type { RecoveryCodesRepository } from '../repositories/recovery-codes.ts'
import type { UserRecord, UsersRepository } from '../repositories/users.ts'
import { toUser } from './accounts/deps.ts'
import type { Audit } from './audit.ts'

/** Rows of one kind that are in memory at a time. */
const PAGE = 200

export interface ExportOptions {
  users: Pick<UsersRepository, 'findById'>
  recoveryCodes: Pick<RecoveryCodesRepository, 'countUnused'>
  heldData: HeldDataRepository
  /** What the user said, as transcripts have it. */
  wordsOf: (userId: string) => AsyncIterable<object>
  audit: Pick<Audit, 'record'>
  now?: () => Date
}

export type Export = ReturnType<typeof createExport>

type Row = { key: string }

/** Everything that is held about a user, and no secret. */
export function createExport(options: ExportOptions) {
  const { users, recoveryCodes, heldData, wordsOf, audit, now = () => new Date() } = options

  function sectionsOf(user: UserRecord): Record<string, AsyncIterable<object>> {
    // Who has not proved to own an address is not told who invited its owner.
    const owned = user.email_verified_at !== null
    return {
      sessions: rows((page) => heldData.sessions(user.id, page)),
      api_keys: rows((page) => heldData.apiKeys(user.id, page)),
      rooms_hosted: rows((page) => heldData.roomsHosted(user.id, page)),
      participations: rows((page) => heldData.participations(user.id, page)),
      transcript: wordsOf(user.id),
      polls: rows((page) => heldData.polls(user.id, page)),
      votes: rows((page) => heldData.votes(user.id, page)),
      anonymous_votes: rows((page) => heldData.anonymousVotes(user.id, page)),
      invitations: rows(async (page) => (owned ? heldData.invitations(user.email, page) : [])),
      links: rows((page) => heldData.links(user.id, page)),
      audit_events: rows((page) => heldData.auditEvents(user.id, page)),
      mails_pending: rows(async (page) => (owned ? heldData.mailsPending(user.email, page) : [])),
    }
  }

  /**
   * The export as the pieces of one JSON text, read from the database as they are asked for. Throws TOKEN_REVOKED for a user that was
   * erased meanwhile; what fails later ends the text in its middle.
   */
  return async (userId: string): Promise<AsyncIterable<string>> => {
    const user = await users.findById(userId)
    if (!user) throw new AppError('TOKEN_REVOKED')
    const account = {
      ...toUser(user),
      email_verified_at: user.email_verified_at,
      accepted_terms_at: user.accepted_terms_at,
      updated_at: user.updated_at,
      totp_confirmed_at: user.totp_confirmed_at,
      recovery_codes_left: await recoveryCodes.countUnused(userId),
    }
    await audit.record({ action: 'export', outcome: 'success', subject: userId })
    return textOf({ exported_at: now(), account }, sectionsOf(user))
  }
}

/** One JSON object: the head's fields, then every section as an array. */
async function* textOf(head: object, sections: Record<string, AsyncIterable<object>>): AsyncGenerator<string> {
  yield JSON.stringify(head).slice(0, -1)
  for (const [name, section] of Object.entries(sections)) {
    let separator = `,\n${JSON.stringify(name)}:[\n`
    for await (const row of section) {
      yield separator + JSON.stringify(row)
      separator = ',\n'
    }
    yield separator.endsWith('[\n') ? `${separator}]` : '\n]'
  }
  yield '}\n'
}

async function* rows<T extends Row>(read: (page: PageAfter) => Promise<T[]>): AsyncGenerator<Omit<T, 'key'>> {
  let after: string | null = null
  for (;;) {
    const page: T[] = await read({ after, limit: PAGE })
    for (const { key: _key, ...row } of page) yield row
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    after = last.key
  }
}
