import { randomUUID } from 'node:crypto'
import type { Database } from '../../repositories/database.ts'
import { participants, rooms, users } from '../../repositories/schema.ts'
import type { Tokens } from '../../services/tokens.ts'
import { LANGUAGES } from './languages.ts'

/** How many rows are written with one statement. */
const ROWS = 1_000
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export interface Seat {
  readonly path: string
  readonly token: string
}

/** So many users, with a token each; each listens to one of the languages in turn. */
export async function seedPeople(db: Database, tokens: Pick<Tokens, 'issueAccess'>, people: number) {
  const at = new Date()
  const ids = Array.from({ length: people }, () => randomUUID())
  const account = { password_hash: 'x', full_name: 'Bench', accepted_terms_at: at, created_at: at, updated_at: at }
  await inBlocks(
    ids,
    (id, i) => ({ id, email: `${id}@example.org`, ...account, ...languagesOf(i) }),
    (rows) => db.insert(users).values(rows),
  )
  return ids.map((id) => ({ id, token: tokens.issueAccess(id, randomUUID()).token }))
}

/** A room with `people` inside, a seat for each; who sits first is the host and speaks English, the others listen to each language in turn. */
export async function seedRoom(db: Database, tokens: Pick<Tokens, 'issueAccess'>, people: number): Promise<Seat[]> {
  const at = new Date()
  const seated = await seedPeople(db, tokens, people)
  const roomId = randomUUID()
  const code = Array.from(
    roomId.replaceAll('-', '').slice(0, 26),
    (digit) => ALPHABET[Number.parseInt(digit, 16)],
  ).join('')
  const host = seated[0]?.id ?? ''
  const about = { name: 'Bench', host_user_id: host, status: 'active', max_participants: 1000, created_at: at }
  await db.insert(rooms).values({ id: roomId, room_code: code, ...about })
  await inBlocks(
    seated.map(({ id }) => id),
    (user_id, i) => ({
      ...{ id: randomUUID(), room_id: roomId, user_id, display_name: 'Bench', status: 'joined', joined_at: at },
      ...{ role: i === 0 ? 'host' : 'participant', ...languagesOf(i) },
    }),
    (rows) => db.insert(participants).values(rows),
  )
  const path = `/api/v1/ws/meetings/${code}`
  return seated.map(({ token }) => ({ path, token }))
}

function languagesOf(i: number) {
  return { speaking_language: 'en', listening_language: LANGUAGES[i % LANGUAGES.length] ?? 'en' }
}

async function inBlocks<T>(
  ids: readonly string[],
  make: (id: string, i: number) => T,
  write: (rows: T[]) => Promise<unknown>,
): Promise<void> {
  const rows = ids.map(make)
  for (let i = 0; i < rows.length; i += ROWS) await write(rows.slice(i, i + ROWS))
}
