import { createHmac } from 'node:crypto'
import { normaliseEmail } from '../schemas/common.ts'
import { derivedKey } from './derived-key.ts'

/**
 * Stands for an address of mail where it must not be written. Keyed: rows of the audit trail stay for ever, and a plain hash of an address
 * is found by trying addresses.
 */
export function createEmailDigest({ secretKey }: { secretKey: string }): (email: string) => string {
  const key = derivedKey(secretKey, 'email-digest')
  return (email) => createHmac('sha256', key).update(normaliseEmail(email)).digest('base64url')
}
