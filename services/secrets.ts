import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { derivedKey } from './derived-key.ts'

const SHAPE = /^[A-Za-z0-9_-]{43}$/
const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

/** A token of 256 random bits, base64url: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** True for what `newSecret` could have made. */
export function isSecret(value: string): boolean {
  return SHAPE.test(value)
}

/** The form in which a token is stored. It has 256 random bits, so a plain hash is enough. */
export function hashSecret(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** What a sealed text is for; a seal of one purpose, or of one context, does not open as another. */
export interface SealUse {
  purpose: 'refresh-successor' | 'totp'
  /** What the text belongs to, such as a user's id. */
  context: string
}

const SUCCESSOR: SealUse = { purpose: 'refresh-successor', context: '' }

/** Seals a text under a secret of at least 256 bits: only who holds that one can open it. */
export function seal(text: string, under: string, use: SealUse = SUCCESSOR): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, derivedKey(under, use.purpose), iv).setAAD(Buffer.from(use.context))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** Opens what `seal` made. Throws when it was sealed under another secret or for another use. */
export function unseal(sealed: string, under: string, use: SealUse = SUCCESSOR): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv(CIPHER, derivedKey(under, use.purpose), bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  }).setAAD(Buffer.from(use.context))
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
}
