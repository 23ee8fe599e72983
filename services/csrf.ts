import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { derivedKey } from './derived-key.ts'

export interface CsrfOptions {
  secretKey: string
  /** Tokens made under it still verify, so that keys rotate. */
  secretKeyPrevious: string | null
}

export type Csrf = ReturnType<typeof createCsrf>

/** CSRF tokens bound to a session: `<nonce>.<HMAC of session and nonce>`. Nothing is stored. */
export function createCsrf({ secretKey, secretKeyPrevious }: CsrfOptions) {
  const [current, ...previous] = [secretKey, ...(secretKeyPrevious ? [secretKeyPrevious] : [])].map((secret) =>
    derivedKey(secret, 'csrf'),
  )
  if (!current) throw new Error('no secret key')

  return {
    issue(sessionId: string): string {
      const nonce = randomBytes(16).toString('base64url')
      return `${nonce}.${mac(current, sessionId, nonce)}`
    },
    /** Whether the token was issued for this session; in constant time. */
    verify: (sessionId: string, token: string): boolean =>
      [current, ...previous].some((key) => {
        const [nonce = '', ...rest] = token.split('.')
        return equal(rest.join('.'), mac(key, sessionId, nonce))
      }),
  }
}

/** Compares two strings without telling by time where they differ. */
export function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function mac(key: Buffer, sessionId: string, nonce: string): string {
  return createHmac('sha256', key).update(`${sessionId}|${nonce}`).digest('base64url')
}
