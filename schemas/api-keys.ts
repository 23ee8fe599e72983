import { type Static, Type } from '@sinclair/typebox'
import { Page, SafeText, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'

/** What a key may be good for. */
export const SCOPES = ['pipeline', 'meetings:read', 'meetings:write', 'transcripts:read'] as const
export type Scope = (typeof SCOPES)[number]

const Scope = Type.Union(
  SCOPES.map((scope) => Type.Literal(scope)),
  { title: 'Scope' },
)
const Scopes = Type.Array(Scope, { minItems: 1, maxItems: SCOPES.length, uniqueItems: true })

export const MAX_NETWORKS = 20
const Network = Type.String({ minLength: 2, maxLength: 64, examples: ['203.0.113.0/24'] })
const Networks = Type.Array(Network, {
  maxItems: MAX_NETWORKS,
  description: 'CIDR networks or addresses from which the key may be used; none: from anywhere',
})

/** For the documents: its checksum is wrong. */
const SAMPLE_KEY = `fm_live_${'Example0'.repeat(6)}X`
const Name = SafeText(100, {
  description: 'For its owner to tell it from others',
  examples: ['Captions of the web site'],
})

export const NewApiKey = Strict(
  {
    name: Name,
    scopes: Scopes,
    expires_in_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 365, default: 90 })),
    allowed_networks: Type.Optional(Networks),
  },
  { title: 'NewApiKey' },
)
export type NewApiKey = Static<typeof NewApiKey>

const key = {
  id: Uuid,
  user_id: Uuid,
  name: Name,
  prefix: Type.String({
    maxLength: 16,
    description: 'The first characters of the key',
    examples: [SAMPLE_KEY.slice(0, 12)],
  }),
  scopes: Scopes,
  allowed_networks: Networks,
  state: Type.Union(
    [Type.Literal('active'), Type.Literal('replaced'), Type.Literal('expired'), Type.Literal('revoked')],
    { description: '`replaced`: rotated, and good until it expires' },
  ),
  created_at: Timestamp,
  expires_at: withExample(Timestamp, '2026-05-31T09:00:00.000Z'),
  last_used_at: Type.Union([Timestamp, Type.Null()], { examples: ['2026-03-02T09:30:00.000Z'] }),
  last_used_address: Type.Union([Type.String({ maxLength: 64, examples: ['203.0.113.7'] }), Type.Null()]),
  replaced_by: Type.Union([Uuid, Type.Null()], { examples: [null] }),
  revoked_at: Type.Union([Timestamp, Type.Null()], { examples: [null] }),
}

/** A key without the key itself. */
export const ApiKey = Strict(key, { title: 'ApiKey', description: 'A key without the key itself' })
export type ApiKey = Static<typeof ApiKey>

/** A key that was just made. */
export const MadeApiKey = Strict(
  {
    ...key,
    last_used_at: withExample(key.last_used_at, null),
    last_used_address: withExample(key.last_used_address, null),
    key: Type.String({
      maxLength: 64,
      description: 'For the header `X-API-Key`; not shown again',
      examples: [SAMPLE_KEY],
    }),
  },
  { title: 'MadeApiKey' },
)
export type MadeApiKey = Static<typeof MadeApiKey>

export const ApiKeysQuery = Strict({
  ...Page.properties,
  user_id: Type.Optional(Type.String({ ...Uuid, description: "Another user's keys (admin)" })),
})
export type ApiKeysQuery = Static<typeof ApiKeysQuery>

export const ApiKeysPage = Strict(
  {
    api_keys: Type.Array(ApiKey, { maxItems: 100 }),
    page: Type.Integer({ minimum: 1 }),
    per_page: Type.Integer({ minimum: 1, examples: [20] }),
    total: Type.Integer({ minimum: 0, examples: [1] }),
  },
  { title: 'ApiKeysPage' },
)
export type ApiKeysPage = Static<typeof ApiKeysPage>

export const ApiKeyParams = Strict({ id: Uuid })
