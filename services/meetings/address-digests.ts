import { createHmac, hkdfSync } from 'node:crypto'

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
    Buffer.from(hkdfSync('sha256', secret, '', 'address-digest', 32)),
  )
  return (roomId: string, addressGroup: string): string[] =>
    keys.map((key) => createHmac('sha256', key).update(`${roomId}|${addressGroup}`).digest('base64url'))
}
