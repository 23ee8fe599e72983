import { createHash } from 'node:crypto'

/** @throws Error when a content is not what it was when its hash (base64) was written down */
export function expectHash(content: Uint8Array, algorithm: string, base64: string, what: string): void {
  if (createHash(algorithm).update(content).digest('base64') === base64) return
  throw new Error(`${what} is not what it was when its hash was written down: it is not used`)
}
