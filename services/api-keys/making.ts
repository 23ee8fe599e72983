import { randomUUID } from 'node:crypto'
import { AppError } from '../../errors.ts'
import type { ApiKeyRecord } from '../../repositories/api-keys.ts'
import type { Transaction } from '../../repositories/database.ts'
import type { MadeApiKey, NewApiKey } from '../../schemas/api-keys.ts'
import { cleanText } from '../../schemas/common.ts'
import type { UserPrincipal } from '../principal.ts'
import { hashSecret } from '../secrets.ts'
import { type ApiKeysDeps, DAY_MS } from './deps.ts'
import { newKey, prefixOf } from './key-text.ts'
import { canonicalNetwork } from './networks.ts'
import { stateOf, toApiKey } from './wire.ts'

const DEFAULT_DAYS = 90
/** Keys of one user that are active at once; those that were rotated and still live are not among them. */
const MAX_ACTIVE = 20
/** Keys that one user makes or rotates within a day: what is revoked is remembered for a while, everywhere. */
const MAX_MADE = 50
/** For this long both keys are good. */
const OVERLAP_MS = DAY_MS

type Shape = Pick<ApiKeyRecord, 'name' | 'scopes' | 'allowed_networks'> & { livesMs: number }

/** New keys. A key is shown to its owner alone, and only here. */
export function createMaking({ audit, apiKeys, sessions, users, now }: ApiKeysDeps) {
  async function insert(userId: string, { livesMs, ...shape }: Shape, tx: Transaction): Promise<MadeApiKey> {
    const at = now()
    const made = await apiKeys.countMadeSince(userId, new Date(at.getTime() - DAY_MS), tx)
    if (made >= MAX_MADE) {
      const headers = { 'retry-after': '3600' }
      throw new AppError('RATE_LIMIT_EXCEEDED', `No more than ${MAX_MADE} keys are made in a day.`, { headers })
    }
    const key = newKey()
    const record = await apiKeys.insert(
      {
        ...shape,
        id: randomUUID(),
        user_id: userId,
        prefix: prefixOf(key),
        key_hash: hashSecret(key),
        created_at: at,
        expires_at: new Date(at.getTime() + livesMs),
      },
      tx,
    )
    return { ...toApiKey(record, at), key }
  }

  /**
   * No two calls of one user count at the same time, and none makes a key after a reset that ended all keys. Throws TOKEN_REVOKED when the
   * user was erased, or the session ended, meanwhile.
   */
  async function lockUser({ userId, sessionId }: UserPrincipal, tx: Transaction): Promise<void> {
    const user = await users.lock(userId, 'update', tx)
    const session = await sessions.find(sessionId, tx)
    if (!user || session?.revoked_at) throw new AppError('TOKEN_REVOKED')
  }

  return {
    /** Throws VALIDATION_ERROR for what is no network, CONFLICT and RATE_LIMIT_EXCEEDED when there are too many. */
    async create(principal: UserPrincipal, wanted: NewApiKey): Promise<MadeApiKey> {
      const { userId } = principal
      const shape = {
        name: cleanText(wanted.name),
        scopes: wanted.scopes,
        allowed_networks: networksOf(wanted.allowed_networks ?? []),
        livesMs: (wanted.expires_in_days ?? DEFAULT_DAYS) * DAY_MS,
      }
      return audit.transaction(async (tx, record) => {
        await lockUser(principal, tx)
        if ((await apiKeys.countActive(userId, now(), tx)) >= MAX_ACTIVE)
          throw new AppError('CONFLICT', `You have ${MAX_ACTIVE} API keys: revoke one first.`)
        const made = await insert(userId, shape, tx)
        const details = { key_id: made.id, scopes: made.scopes }
        record({ action: 'api_key_created', outcome: 'success', subject: userId, details })
        return made
      })
    },

    /**
     * A new key that can do what the old one can, and lives as long as that was given; the old one ends within a day. Throws NOT_FOUND for
     * another's, CONFLICT for one that is not active, RATE_LIMIT_EXCEEDED.
     */
    async rotate(principal: UserPrincipal, id: string): Promise<MadeApiKey> {
      const { userId } = principal
      return audit.transaction(async (tx, record) => {
        await lockUser(principal, tx)
        const old = await apiKeys.find(id, tx)
        if (old?.user_id !== userId) throw new AppError('NOT_FOUND')
        const at = now()
        const state = stateOf(old, at)
        if (state !== 'active') throw new AppError('CONFLICT', `The API key is ${state}: it cannot be rotated.`)
        const { name, scopes, allowed_networks, created_at, expires_at } = old
        const livesMs = expires_at.getTime() - created_at.getTime()
        const fresh = await insert(userId, { name, scopes, allowed_networks, livesMs }, tx)
        const ends = new Date(Math.min(expires_at.getTime(), at.getTime() + OVERLAP_MS))
        // Revoking does not wait for the user's row: it may have come in between.
        if (!(await apiKeys.replace(id, { replaced_by: fresh.id, expires_at: ends }, tx)))
          throw new AppError('CONFLICT', 'The API key is revoked: it cannot be rotated.')
        const details = { key_id: id, replaced_by: fresh.id }
        record({ action: 'api_key_rotated', outcome: 'success', subject: userId, details })
        return fresh
      })
    },
  }
}

function networksOf(given: readonly string[]): string[] {
  const networks = given.map((text, index) => {
    const network = canonicalNetwork(text.trim())
    if (network !== null) return network
    const message = 'must be an address or a network such as 203.0.113.0/24'
    const details = [{ field: `body.allowed_networks.${index}`, message }]
    throw new AppError('VALIDATION_ERROR', undefined, { details })
  })
  return [...new Set(networks)]
}
