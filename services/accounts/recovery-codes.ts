import { randomBytes } from 'node:crypto'
import { hashSecret } from '../secrets.ts'

export const RECOVERY_CODES = 10

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
/** Five random bits each: 140 in all, so that a plain hash is enough to store them. */
const CHARACTERS = 28

/** Ten new codes, in groups that can be typed from paper. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const characters = Array.from(randomBytes(CHARACTERS), (byte) => ALPHABET[byte % ALPHABET.length])
    return characters.join('').replaceAll(/.{4}(?=.)/g, '$&-')
  })
}

/** The form in which a code is stored; the same however it was typed. */
export function hashRecoveryCode(code: string): string {
  return hashSecret(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''))
}
