import { hkdfSync } from 'node:crypto'

const BYTES = 32

/** A key of 256 bits made from a secret for one purpose (HKDF-SHA-256, RFC 5869): those of different purposes say nothing of each other. */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, BYTES))
}
