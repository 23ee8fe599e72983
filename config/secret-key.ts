import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MINIMUM_BYTES = 32
const MINIMUM_BITS = 96
const MINIMUM_DISTINCT = 12
const SAMPLE =
  /change.?(me|this)|secret|password|passphrase|example|sample|placeholder|replace.?(me|this)|your.?key|default|insecure|fluentmeet|development/i

/** Shannon's estimate of the bits in a text, from how often each character comes. */
function estimatedBits(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count * Math.log2(count / text.length)
  return bits
}

/** Whether a text is one piece written over and over: `aaaa`, `abcabc`. */
function isRepetition(text: string): boolean {
  return (text + text).indexOf(text, 1) <= text.length / 2
}

/** Whether most characters follow the one before them, as in `abcdefgh` and `12345678`. */
function isSequence(text: string): boolean {
  let steps = 0
  for (let i = 1; i < text.length; i++) if (Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1) steps++
  return steps > text.length / 2
}

/** Why a signing key is too weak to keep tokens safe, or null when it looks random enough. */
export function weakness(key: string): string | null {
  if (Buffer.byteLength(key) < MINIMUM_BYTES) return `must be at least ${MINIMUM_BYTES} bytes`
  if (SAMPLE.test(key)) return 'must not be a sample value'
  const guessable =
    isRepetition(key) || isSequence(key) || new Set(key).size < MINIMUM_DISTINCT || estimatedBits(key) < MINIMUM_BITS
  return guessable ? 'must be random (openssl rand -base64 48 makes one)' : null
}

/**
 * The signing key of a development machine, kept in `dataDir/secret-key` (mode 0600) and made when absent. Written
 * aside and linked into place, so that two processes that start together agree on one whole key.
 */
export function developmentSecretKey(dataDir: string): string {
  const path = join(dataDir, 'secret-key')
  const read = () => readFileSync(path, 'utf8').trim()
  try {
    return read()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
  return read()
}
