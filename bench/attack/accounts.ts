import { randomUUID } from 'node:crypto'
import type { Database } from '../../repositories/database.ts'
import { users } from '../../repositories/schema.ts'
import { createPasswords } from '../../services/passwords.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
}

/** So many accounts that can sign in. One hash serves all: what is checked costs the same. */
export async function seedAccounts(db: Database, count: number): Promise<Credentials[]> {
  const at = new Date()
  const password = randomUUID()
  const rest = { full_name: 'Bench', speaking_language: 'en', listening_language: 'en', email_verified: true }
  const account = { ...rest, password_hash: await createPasswords().hash(password) }
  const ids = Array.from({ length: count }, () => randomUUID())
  const emailOf = (id: string) => `${id}@example.org`
  await db
    .insert(users)
    .values(
      ids.map((id) => ({ id, email: emailOf(id), ...account, accepted_terms_at: at, created_at: at, updated_at: at })),
    )
  return ids.map((id) => ({ email: emailOf(id), password }))
}
