import type { ApiKeysRepository } from '../../repositories/api-keys.ts'
import type { SessionsRepository } from '../../repositories/sessions.ts'
import type { UsersRepository } from '../../repositories/users.ts'
import type { State } from '../../state/state.ts'
import type { Admins } from '../admins.ts'
import type { Audit } from '../audit.ts'

export interface ApiKeysOptions {
  apiKeys: ApiKeysRepository
  sessions: Pick<SessionsRepository, 'find'>
  users: Pick<UsersRepository, 'lock'>
  admins: Pick<Admins, 'isAdmin'>
  state: Pick<State, 'revocations'>
  audit: Pick<Audit, 'transaction'>
  log: { warn(fields: object, message: string): void }
  now?: () => Date
}

export type ApiKeysDeps = Required<ApiKeysOptions>

export const DAY_MS = 86_400_000
