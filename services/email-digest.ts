import { createHmac, hkdfSync } from 'node:crypto'
import { normaliseEmail } from '../schemas/common.ts'

/**
 * Stands for an address of mail where it must not be written. Keyed: rows of the audit trail stay for ever, and a plain hash of an address
 * is found by trying addresses.
 */
export function createEmailDigest({ secretKey }: { secretKey: string }): (email: string) => string {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', 'email-digest', 32))
  return (email) => createHmac('sha256', key).update(normaliseEmail(email)).digest('base64url')
}
