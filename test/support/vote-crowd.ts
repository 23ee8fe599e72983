import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import type { Database } from '../../repositories/database.ts'
import { participants } from '../../repositories/schema.ts'
import { createTokens } from '../../services/tokens.ts'

/** How many guests are written with one statement. */
const ROWS = 1_000

export interface Guest {
  readonly id: string
  readonly token: string
  /** Where it comes from, as the proxy in front says: every guest has the limits of its own address. */
  readonly address: string
}

/** A room full of guests, all inside. */
export async function addGuests(db: Database, roomId: string, count: number, secretKey: string): Promise<Guest[]> {
  const tokens = createTokens({ secretKey, secretKeyPrevious: null, accessTokenTtlSeconds: 900 })
  const guests = Array.from({ length: count }, () => {
    const id = randomUUID()
    return { id, token: tokens.issueGuest(id, roomId).token, address: addressFrom(id) }
  })
  const about = { room_id: roomId, display_name: 'Guest', role: 'guest', status: 'joined', joined_at: new Date() }
  const rows = guests.map(({ id }) => ({ ...about, id, speaking_language: 'en', listening_language: 'en' }))
  for (let i = 0; i < rows.length; i += ROWS) await db.insert(participants).values(rows.slice(i, i + ROWS))
  return guests
}

function addressFrom(id: string): string {
  const bytes = Buffer.from(id.slice(0, 8), 'hex').subarray(1)
  return `10.${bytes.join('.')}`
}

export interface Caller {
  /** The status of the answer, and its error code; null when none came. */
  post(url: string, who: Pick<Guest, 'token' | 'address'>, body?: object): Promise<Answer | null>
  close(): void
}

export interface Answer {
  readonly status: number
  readonly code?: string
}

/** Calls over connections that stay open, `sockets` to each server at most. */
export function createCaller(sockets: number): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets, maxFreeSockets: sockets })
  return {
    post: (url, { token, address }, body) =>
      new Promise((resolve) => {
        const text = body ? JSON.stringify(body) : ''
        const headers = {
          authorization: `Bearer ${token}`,
          'x-forwarded-for': address,
          'content-length': String(Buffer.byteLength(text)),
          ...(body ? { 'content-type': 'application/json' } : {}),
        }
        const call = request(url, { method: 'POST', agent, headers }, (response) => {
          let answered = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            answered += chunk
          })
          response.on('end', () => resolve({ ...JSON.parse(answered || '{}'), status: response.statusCode ?? 0 }))
          response.on('error', () => resolve(null))
        })
        call.on('error', () => resolve(null))
        call.end(text)
      }),
    close: () => agent.destroy(),
  }
}
