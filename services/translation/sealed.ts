import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import { derivedKey } from '../derived-key.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const NONCES_AT_ONCE = 256
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
 * Makes seals, each from the name of a value and the secret: whoever reads the store learns neither, and who has the secret too must know
 * the name to open a value. So nobody finds in a cache what was said and has been erased elsewhere.
 */
export function createSealer(secret: string): (name: string) => Seal {
  const own = derivedKey(secret, 'shared-translations').toString('hex')
  const nextNonce = createNonces()

  return (name) => {
    // SHA-3 with a key in front is a MAC, as no digest of it can be extended, and is one call, which takes a part of the time of an HMAC. One
    // for both: its halves say nothing of each other.
    const derived = hash('sha3-512', `${own}${name}`, 'buffer')
    // As an object: bytes are made into one for each cipher, which takes several times as long.
    const key = () => createSecretKey(derived.subarray(KEY_BYTES))

    return {
      address: derived.toString('base64url', 0, KEY_BYTES),
      lock(value) {
        const nonce = nextNonce()
        const cipher = createCipheriv(CIPHER, key(), nonce, { authTagLength: TAG_BYTES })
        return Buffer.concat([nonce, cipher.update(value, 'utf8'), cipher.final(), cipher.getAuthTag()])
      },
      unlock(sealed) {
        if (sealed.length < NONCE_BYTES + TAG_BYTES) return null
        const nonce = sealed.subarray(0, NONCE_BYTES)
        const decipher = createDecipheriv(CIPHER, key(), nonce, { authTagLength: TAG_BYTES })
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
        try {
          return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString()
        } catch {
          return null
        }
      },
    }
  }
}

/** Random nonces, each given once. Many are drawn at a time: a draw takes about as long as all the rest of a seal. */
function createNonces(): () => Buffer {
  let drawn = Buffer.alloc(0)
  let used = 0
  return () => {
    if (used === drawn.length) {
      drawn = randomBytes(NONCES_AT_ONCE * NONCE_BYTES)
      used = 0
    }
    used += NONCE_BYTES
    return drawn.subarray(used - NONCE_BYTES, used)
  }
}
