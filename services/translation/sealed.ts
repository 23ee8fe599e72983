import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** How much longer a value is when it is locked. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES

/** Where a value is kept, and what locks it. */
export interface Seal {
  /** A digest that says nothing of the name to those who lack the secret. */
  readonly address: string
  lock(value: string): Buffer
  /** Null when it was not locked by this seal. */
  unlock(sealed: Buffer): string | null
}

/**
 * A seal made from the name of a value and a secret: whoever reads the store learns neither, and who has the secret too must know the
 * name to open a value. So nobody finds in a cache what was said and has been erased elsewhere.
 */
export function createSeal(secret: string, name: string): Seal {
  // SHA-3 with the secret in front is a MAC (as KMAC is, NIST SP 800-185), and in one call, which takes a part of the time of an HMAC. One
  // for both: its halves say nothing of each other.
  const derived = hash('sha3-512', `${secret}\nfluentmeet cache\n${name}`, 'buffer')
  // As an object: bytes are made into one for each cipher, which takes several times as long.
  const key = () => createSecretKey(derived.subarray(KEY_BYTES))

  return {
    address: derived.toString('base64url', 0, KEY_BYTES),
    lock(value) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv(CIPHER, key(), nonce, { authTagLength: TAG_BYTES })
      return Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    unlock(sealed) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
      const decipher = createDecipheriv(CIPHER, key(), sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
      } catch {
        return null
      }
    },
  }
}
