import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const MIN_PASSWORD_LENGTH = 12
export const MAX_PASSWORD_LENGTH = 128
/** As many characters around a known word as a guesser tries anyway: a year, a date, an exclamation mark. */
const GUESSABLE_PADDING = 8
/** A name or an address shorter than this may be part of a good password by chance. */
const TELLING_LENGTH = 6
/** The longest pattern that is only a repetition: `abcabcabcabc`. */
const LONGEST_PERIOD = 6

const LEET: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
}
/** What comes to mind here first. Listed in docs/security.md. */
export const CONTEXT_WORDS = [
  ...['fluent', 'fluentmeet', 'fluentmeeting', 'meet', 'meeting', 'meetings', 'captions', 'translate', 'translation'],
  ...['interpreter', 'multilingual', 'transcript'],
]
const SEQUENCES = [
  '01234567890123456789',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb',
]

/** Whose password it would be. */
export interface Owner {
  email: string
  full_name: string
}

/** Why a password is refused, as a sentence; null when it is taken. */
export type PasswordPolicy = (password: string, owner: Owner) => string | null

/**
 * 12 to 128 characters of any kind; refuses common passwords (a shipped list and words of this product, also with digits and signs around, in leet or
 * repeated), sequences, and the owner's own name and address.
 */
export function createPasswordPolicy(): PasswordPolicy {
  const common = new Set([
    ...readFileSync(join(import.meta.dirname, 'common.txt'), 'utf8')
      .split('\n')
      .filter(Boolean),
    ...CONTEXT_WORDS,
  ])

  return (password, owner) => {
    const { length } = [...password]
    if (length < MIN_PASSWORD_LENGTH) return `must have at least ${MIN_PASSWORD_LENGTH} characters`
    if (length > MAX_PASSWORD_LENGTH) return `must have at most ${MAX_PASSWORD_LENGTH} characters`
    const lower = password.normalize('NFKC').toLowerCase()
    if (isPattern(lower) || isKnown(lower, common)) return 'is too common: choose one that is harder to guess'
    if (isOwn(lower, owner)) return 'must not be made of your name or e-mail address'
    return null
  }
}

/** True for a word of the set: as it is, or repeated, in leet, with a guessable padding. */
function isKnown(lower: string, words: ReadonlySet<string>): boolean {
  if (words.has(lower)) return true
  const core = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  const padding = lower.length - core.length
  if (padding > GUESSABLE_PADDING && !isPattern(lower.replace(core, ''))) return false
  return [lower, core, unleet(lower), unleet(core), letters(core), letters(unleet(core))].some((form) =>
    words.has(unit(form)),
  )
}

function isOwn(lower: string, { email, full_name }: Owner): boolean {
  const [local = '', domain = ''] = email.normalize('NFKC').toLowerCase().split('@')
  const names = full_name.normalize('NFKC').toLowerCase().split(/\s+/)
  const parts = [local, domain.split('.')[0] ?? '', ...local.split(/[^\p{L}\p{N}]+/u), ...names, names.join('')].map(
    bare,
  )
  const own = new Set(parts.filter((part) => part.length >= 3))
  const whole = [bare(local), bare(names.join('')), bare([...names].reverse().join('')), bare(local + domain)]
  const candidate = bare(lower)
  return whole.some((name) => name.length >= TELLING_LENGTH && candidate.includes(name)) || isKnown(lower, own)
}

/** One character or a short group over and over, or a piece of an alphabet or of a keyboard. */
function isPattern(text: string): boolean {
  if (text === '' || unit(text).length <= LONGEST_PERIOD / 2) return true
  if (text.length >= 2 * unit(text).length && isDigits(text) && unit(text).length <= LONGEST_PERIOD) return true
  return SEQUENCES.some((sequence) => {
    const twice = sequence + sequence
    return twice.includes(text) || [...twice].reverse().join('').includes(text)
  })
}

/** The smallest piece that, repeated, gives the text: `abab` -> `ab`. */
function unit(text: string): string {
  const period = (text + text).indexOf(text, 1)
  return text.slice(0, period)
}

const isDigits = (text: string) => /^\d+$/.test(text)
const bare = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '')
const letters = (text: string) => text.replace(/[^\p{L}]/gu, '')
const unleet = (text: string) => text.replace(/[@431!0$57]/g, (sign) => LEET[sign] ?? sign)
