import { FormatRegistry, type SchemaOptions, type Static, type TSchema, Type } from '@sinclair/typebox'

const EMAIL =
  /^[^\s@<>()[\]\\,;:"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+$/
// Control characters (line breaks and tabs among them), bidi overrides and isolates, and zero-width joins that hide text.
const UNSAFE_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]/
const LINE_BREAKS = /[\r\n\t]+/g
// A tag, a closing tag, a comment or a processing instruction; `a < b` is none of them.
const HTML_TAG = /<[A-Za-z/!?]/

/** True for freeform text without control or bidi-override characters and without HTML tags. */
export function isSafeText(value: string): boolean {
  return value.trim().length > 0 && !UNSAFE_CHARACTERS.test(value) && !HTML_TAG.test(value) && value.isWellFormed()
}

/** True for what becomes safe text when its line breaks and tabs become spaces, as a pasted sentence has them. */
export function isSafeMessage(value: string): boolean {
  return isSafeText(value.replaceAll(LINE_BREAKS, ' '))
}

/** The stored form of a message: one line. */
export function cleanMessage(value: string): string {
  return cleanText(value.replaceAll(LINE_BREAKS, ' '))
}

/** True for an address we would send mail to. */
export function isEmail(value: string): boolean {
  return value.length <= 254 && EMAIL.test(value)
}

/** True for a date and time as RFC 3339 with a zone. The day must exist: `Date.parse` takes 30 February for 2 March. */
export function isDateTime(value: string): boolean {
  const match = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.exec(value)
  if (!match || Number.isNaN(Date.parse(value))) return false
  const day = new Date(`${match[1]}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(`${match[1]}T`)
}

/** The formats that both compilers (Ajv for HTTP, TypeCompiler for sockets) must know. */
export const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  email: isEmail,
  'safe-text': isSafeText,
  'safe-message': isSafeMessage,
  'date-time': isDateTime,
}

/** Registers our formats with TypeBox. Call once, before TypeCompiler compiles a schema that uses them. */
export function registerFormats(): void {
  for (const [name, check] of Object.entries(FORMATS)) FormatRegistry.Set(name, check)
}

/** Freeform text on one line. The server stores it NFC-normalised and trimmed: see `cleanText`. */
export const SafeText = (maxLength: number, options: SchemaOptions = {}) =>
  Type.String({ minLength: 1, maxLength, format: 'safe-text', ...options })

/** The stored form of a SafeText. */
export function cleanText(value: string): string {
  return value.normalize('NFC').trim()
}

export const Email = Type.String({ format: 'email', maxLength: 254, examples: ['ana@example.org'] })

/** The form under which an address is compared: trimmed, NFC, lower case. */
export function normaliseEmail(value: string): string {
  return value.normalize('NFC').trim().toLowerCase()
}

/** A BCP 47 language tag as we use it: `en`, `es`, `pt-br`. */
export const LanguageTag = Type.String({
  minLength: 2,
  maxLength: 16,
  pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$',
  description: 'BCP 47, such as `en` or `pt-br`',
  examples: ['en'],
})

export const Uuid = Type.String({
  minLength: 36,
  maxLength: 36,
  pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
  examples: ['3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3'],
})

/** 26 characters of lower-case base32: 130 random bits. */
export const RoomCode = Type.String({
  minLength: 26,
  maxLength: 26,
  pattern: '^[a-z2-7]{26}$',
  description: 'Of the room, as its join link has it',
  examples: ['k4m2x7qa5tz3hd6wnbe2ryv7cp'],
})

export const Timestamp = Type.String({
  format: 'date-time',
  maxLength: 40,
  description: 'RFC 3339, UTC',
  examples: ['2026-03-02T09:00:00.000Z'],
})

/** How the documents show a schema; no validator looks at it. A `title` names a component, and is given once. */
export type Shown = Pick<SchemaOptions, 'title' | 'description' | 'examples'>

/** A token as the documents show it: it opens nothing. */
export const SAMPLE_TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1OmV4YW1wbGUifQ.c2lnbmF0dXJl'

/** An object that refuses what it does not know. */
export const Strict = <T extends Record<string, TSchema>>(properties: T, options: Shown = {}) =>
  Type.Object(properties, { additionalProperties: false, ...options })

/** Whether words are in the language of the reader, and how they came to be. */
export const CaptionStatus = Type.Union(
  [Type.Literal('original'), Type.Literal('translated'), Type.Literal('untranslated')],
  { title: 'CaptionStatus' },
)

export const Page = Strict({
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 1 })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
})
export type Page = Static<typeof Page>
