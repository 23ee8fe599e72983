import { createHmac } from 'node:crypto'
import { derivedKey } from '../derived-key.ts'

export interface AddressDigestsOptions {
  secretKey: string
  secretKeyPrevious: string | null
}

/**
 * Stands for an address group where the address itself must not be kept: without the key it cannot be guessed, and in another room
 * the same address has another digest. The first is made with the present key, the other one with the key before.
 */
export function createAddressDigests({ secretKey, secretKeyPrevious }: AddressDigestsOptions) {
  const keys = [secretKey, ...(secretKeyPrevious ? [secretKeyPrevious] : [])].map((secret) =>
    derivedKey(secret, 'address-digest'),
  )
  return (roomId: string, addressGroup: string): string[] =>
    keys.map((key) => createHmac('sha256', key).update(`${roomId}|${addressGroup}`).digest('base64url'))
}
