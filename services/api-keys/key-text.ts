import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** What scanners for leaked secrets look for. */
const START = 'fm_live_'
const SECRET_BYTES = 32
/** How many base62 digits hold 256 bits, and 32. */
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6
const SHAPE = new RegExp(`^${START}[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`)
const PREFIX_LENGTH = START.length + 4

/** A new key: `fm_live_`, 256 random bits, and a checksum of both; one word, so that a double click takes all of it. */
export function newKey(): string {
  const secret = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`)
  const body = START + base62(secret, SECRET_LENGTH)
  return body + checksum(body)
}

/** True for what `newKey` could have made: a key that was mistyped, cut or made up is refused without asking for it. */
export function isKey(text: string): boolean {
  return SHAPE.test(text) && checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH)
}

/** By what its owner tells a key from others. It gives away 24 of the 256 bits. */
export function prefixOf(key: string): string {
  return key.slice(0, PREFIX_LENGTH)
}

function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH)
}

function base62(value: bigint, length: number): string {
  let digits = ''
  for (let rest = value; digits.length < length; rest /= 62n) digits = DIGITS[Number(rest % 62n)] + digits
  return digits
}
