import type { Setting } from './schema.ts'
import { SHAPES } from './shapes.ts'

export type Read = { value: unknown } | { problem: string }

const CONTROL_CHARACTER = /\p{Cc}/u

/** The values a refusal may repeat: never those of a secret, nor an address that may hold one, and not at any length. */
function got(setting: Setting, text: string): string {
  return setting.secret || setting.shape === 'engine-url' ? '' : `, not ${JSON.stringify(text.slice(0, 60))}`
}

function readInteger(setting: Setting, text: string): Read {
  const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = setting
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (value >= minimum && value <= maximum) return { value }
  return { problem: `${setting.name} must be a whole number from ${minimum} to ${maximum}${got(setting, text)}` }
}

function readFlag(setting: Setting, text: string): Read {
  if (text === 'true' || text === 'false') return { value: text === 'true' }
  return { problem: `${setting.name} must be true or false${got(setting, text)}` }
}

function readChoice(setting: Setting, text: string): Read {
  const { values = [] } = setting
  if (values.includes(text)) return { value: text }
  return { problem: `${setting.name} must be one of ${values.join(', ')}${got(setting, text)}` }
}

function readList(setting: Setting, text: string): Read {
  const entries = text
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
  for (const entry of entries) {
    const wrong = setting.shape && SHAPES[setting.shape](entry)
    if (wrong) return { problem: `${setting.name} ${wrong}${got(setting, entry)}` }
  }
  const normal = setting.shape === 'origin' ? entries.map((entry) => URL.parse(entry)?.origin ?? entry) : entries
  return { value: [...new Set(normal)] }
}

/** Reads one setting's text as its kind asks. The problem names the setting, and shows the text unless it is secret. */
export function readValue(setting: Setting, text: string): Read {
  if (CONTROL_CHARACTER.test(text)) return { problem: `${setting.name} must be one line without control characters` }
  if (setting.kind === 'integer') return readInteger(setting, text)
  if (setting.kind === 'flag') return readFlag(setting, text)
  if (setting.kind === 'choice') return readChoice(setting, text)
  if (setting.kind === 'list') return readList(setting, text)
  const wrong = setting.shape && SHAPES[setting.shape](text)
  return wrong ? { problem: `${setting.name} ${wrong}${got(setting, text)}` } : { value: text }
}
