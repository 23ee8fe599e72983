import { timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { AppError } from '../../errors.ts'
import type { ApiKeyRecord, ApiKeysRepository } from '../../repositories/api-keys.ts'
import type { KeyPrincipal } from '../principal.ts'
import { hashSecret } from '../secrets.ts'
import { isKey } from './key-text.ts'
import { createNetworkCheck } from './networks.ts'

/** How long a key, or that there is none, is believed before the database is asked again. That one was revoked is known at once. */
const BELIEVED_MS = 30_000
const MAX_KNOWN = 10_000
/** Look-ups under way at once. */
const MAX_ASKED = 50

/** Who a key stands for, or why it does not count. `keyId` is null for one that nobody has. */
export type Judgement =
  | { readonly keyId: string; readonly principal: KeyPrincipal; readonly error: null }
  | { readonly keyId: string | null; readonly principal: null; readonly error: AppError }

interface Known {
  /** Null: there is no such key. */
  readonly key: { readonly principal: KeyPrincipal; readonly isRevoked: boolean } | null
  readonly isAllowedFrom: (address: string) => boolean
  readonly until: number
}

export interface KeyAuthenticationOptions {
  apiKeys: Pick<ApiKeysRepository, 'findByHash'>
  now: () => Date
}

/** Who a key stands for. Whether it was revoked a moment ago is for the limiter to say, which looks that up. */
export function createKeyAuthentication({ apiKeys, now }: KeyAuthenticationOptions) {
  // By hash: the keys themselves are not kept.
  const known = new LRUCache<string, Known>({ max: MAX_KNOWN })
  const asked = new Map<string, Promise<Known>>()

  async function ask(hash: string): Promise<Known> {
    const found = await apiKeys.findByHash(hash)
    const record = found && isSame(found.key_hash, hash) ? found : null
    const entry: Known = {
      key: record && { principal: principalOf(record), isRevoked: record.revoked_at !== null },
      isAllowedFrom: createNetworkCheck(record?.allowed_networks ?? []),
      until: now().getTime() + BELIEVED_MS,
    }
    known.set(hash, entry)
    return entry
  }

  function judge({ key, isAllowedFrom }: Known, address: string): Judgement {
    if (!key) return refused(null, wrongKey())
    const { principal, isRevoked } = key
    const { keyId } = principal
    if (isRevoked) return refused(keyId, revokedKey())
    if (principal.expiresAt <= now().getTime())
      return refused(keyId, new AppError('TOKEN_EXPIRED', 'The API key has expired.'))
    if (!isAllowedFrom(address))
      return refused(keyId, new AppError('FORBIDDEN', 'The API key may not be used from this address.'))
    return { keyId, principal, error: null }
  }

  return {
    /** What is known of a key without asking: null when the database must be asked (`lookUp`). */
    recall(text: string, address: string): Judgement | null {
      if (!isKey(text)) return refused(null, wrongKey())
      const entry = known.get(hashSecret(text))
      return entry && entry.until > now().getTime() ? judge(entry, address) : null
    },

    /** Asks the database. Throws DatabaseUnavailableError, and SERVICE_UNAVAILABLE while too many others ask. */
    async lookUp(text: string, address: string): Promise<Judgement> {
      const hash = hashSecret(text)
      let asking = asked.get(hash)
      if (!asking) {
        if (asked.size >= MAX_ASKED)
          throw new AppError('SERVICE_UNAVAILABLE', undefined, { headers: { 'retry-after': '1' } })
        asking = ask(hash).finally(() => asked.delete(hash))
        asked.set(hash, asking)
      }
      return judge(await asking, address)
    },
  }
}

/** The refusal of a key that was revoked. */
export function revokedKey(): AppError {
  return new AppError('TOKEN_REVOKED', 'The API key has been revoked.')
}

function wrongKey(): AppError {
  return new AppError('UNAUTHENTICATED', 'The API key is not valid.')
}

function refused(keyId: string | null, error: AppError): Judgement {
  return { keyId, principal: null, error }
}

function isSame(stored: string, hash: string): boolean {
  const [a, b] = [Buffer.from(stored), Buffer.from(hash)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function principalOf({ id, user_id, scopes, expires_at }: ApiKeyRecord): KeyPrincipal {
  return { kind: 'api_key', keyId: id, userId: user_id, sessionId: id, scopes, expiresAt: expires_at.getTime() }
}
