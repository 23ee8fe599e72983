import { AppError } from '../errors.ts'
import type { ApiKeyRecord } from '../repositories/api-keys.ts'
import type { ApiKey, ApiKeysPage, ApiKeysQuery } from '../schemas/api-keys.ts'
import { createKeyAuthentication } from './api-keys/authentication.ts'
import type { ApiKeysDeps, ApiKeysOptions } from './api-keys/deps.ts'
import { createEnding } from './api-keys/ending.ts'
import { createMaking } from './api-keys/making.ts'
import { createKeyUses } from './api-keys/uses.ts'
import { toApiKey } from './api-keys/wire.ts'
import type { UserPrincipal } from './principal.ts'

export type { ApiKeysOptions } from './api-keys/deps.ts'

export type ApiKeys = ReturnType<typeof createApiKeys>

/** Keys with which machines act as a user. An admin may see and revoke anybody's; nobody but its owner is ever shown one. */
export function createApiKeys(options: ApiKeysOptions) {
  const deps: ApiKeysDeps = { ...options, now: options.now ?? (() => new Date()) }
  const { apiKeys, admins, audit, now } = deps
  const uses = createKeyUses(deps)
  const ending = createEnding(deps)

  /** Throws NOT_FOUND. */
  async function visible(principal: UserPrincipal, id: string): Promise<ApiKeyRecord> {
    const record = await apiKeys.find(id)
    if (record && (record.user_id === principal.userId || (await admins.isAdmin(principal)))) return record
    throw new AppError('NOT_FOUND')
  }

  return {
    ...createKeyAuthentication(deps),
    ...createMaking(deps),
    ...ending,
    /** Notes that a key was used; written later. */
    used: uses.note,
    writeUses: uses.write,
    close: uses.close,

    /** Own keys, or anybody's for an admin, newest first; ended ones too. Throws FORBIDDEN. */
    async list(principal: UserPrincipal, query: ApiKeysQuery): Promise<ApiKeysPage> {
      const { userId } = principal
      const { page = 1, per_page = 20, user_id: owner = userId } = query
      if (owner !== userId && !(await admins.isAdmin(principal)))
        throw new AppError('FORBIDDEN', 'Only an admin may see the keys of others.')
      const found = await apiKeys.ofUser(owner, { limit: per_page, offset: (page - 1) * per_page })
      const at = now()
      return { api_keys: found.keys.map((record) => toApiKey(record, at)), page, per_page, total: found.total }
    },

    /** Throws NOT_FOUND. */
    get: async (principal: UserPrincipal, id: string): Promise<ApiKey> => toApiKey(await visible(principal, id), now()),

    /** Ends a key now, on every process; a second time changes nothing. Throws NOT_FOUND. */
    async revoke(principal: UserPrincipal, id: string): Promise<void> {
      const { user_id } = await visible(principal, id)
      await audit.transaction(async (tx, record) => {
        if (await apiKeys.revoke(id, now(), tx))
          record({ action: 'api_key_revoked', outcome: 'success', subject: user_id, details: { key_id: id } })
      })
      // Told again even so: the first time may have failed in between.
      await ending.refuse([id], 'revoked')
    },
  }
}
