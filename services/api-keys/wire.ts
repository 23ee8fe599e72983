import type { ApiKeyRecord } from '../../repositories/api-keys.ts'
import type { ApiKey } from '../../schemas/api-keys.ts'

/** How a key stands at a time. */
export function stateOf(
  record: Pick<ApiKeyRecord, 'revoked_at' | 'expires_at' | 'replaced_by'>,
  now: Date,
): ApiKey['state'] {
  if (record.revoked_at) return 'revoked'
  if (record.expires_at <= now) return 'expired'
  return record.replaced_by ? 'replaced' : 'active'
}

/** A key as its owner sees it: never what it is known by. */
export function toApiKey(record: ApiKeyRecord, now: Date): ApiKey {
  return {
    id: record.id,
    user_id: record.user_id,
    name: record.name,
    prefix: record.prefix,
    scopes: record.scopes,
    allowed_networks: record.allowed_networks,
    state: stateOf(record, now),
    created_at: record.created_at.toISOString(),
    expires_at: record.expires_at.toISOString(),
    last_used_at: record.last_used_at?.toISOString() ?? null,
    last_used_address: record.last_used_address,
    replaced_by: record.replaced_by,
    revoked_at: record.revoked_at?.toISOString() ?? null,
  }
}
