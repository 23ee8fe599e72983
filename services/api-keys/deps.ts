import type { ApiKeysRepository } from '../../repositories/api-keys.ts'
import type { Database } from '../../repositories/database.ts'
import type { SessionsRepository } from '../../repositories/sessions.ts'
import type { UsersRepository } from '../../repositories/users.ts'
import type { State } from '../../state/state.ts'
import type { SecurityLog } from '../security-log.ts'

export interface ApiKeysOptions {
  database: Pick<Database, 'transaction'>
  apiKeys: ApiKeysRepository
  sessions: Pick<SessionsRepository, 'find'>
  users: Pick<UsersRepository, 'lock' | 'roleOf'>
  state: Pick<State, 'revocations'>
  securityLog: SecurityLog
  log: { warn(fields: object, message: string): void }
  now?: () => Date
}

export type ApiKeysDeps = Required<ApiKeysOptions>

export const DAY_MS = 86_400_000
