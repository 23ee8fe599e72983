import { type Signal, signal } from '@preact/signals'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'

export type MessageKey = keyof typeof en
export type Params = Readonly<Record<string, string | number>>

const MESSAGES: Readonly<Record<string, Record<MessageKey, string>>> = { en, es, fr }
export const LOCALES = Object.keys(MESSAGES)
const REMEMBERED = 'fluentmeet.locale'

/** What the interface says, in the language that was chosen or that the browser prefers. */
export interface I18n {
  /** ISO 639-1. */
  readonly locale: Signal<string>
  choose(locale: string): void
  /** A message; `{name}` in it is replaced by the parameter of that name. */
  t(key: MessageKey, params?: Params): string
  /** Whether there is such a message: for codes that come from a server. */
  has(key: string): key is MessageKey
  /** The name of a language (BCP 47) in the language of the interface. */
  languageName(tag: string): string
  /** A time as people write it. */
  time(at: string | Date, style?: Intl.DateTimeFormatOptions): string
}

export function createI18n(preferred: readonly string[]): I18n {
  const names = new Map<string, Intl.DisplayNames>()
  const locale = signal(first([remembered(), ...preferred]))
  document.documentElement.lang = locale.value

  function t(key: MessageKey, params: Params = {}): string {
    const text = MESSAGES[locale.value]?.[key] ?? en[key]
    return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
  }

  return {
    locale,
    t,
    choose(chosen) {
      locale.value = first([chosen])
      document.documentElement.lang = locale.value
      try {
        localStorage.setItem(REMEMBERED, locale.value)
      } catch {
        // A browser that keeps nothing asks anew next time.
      }
    },
    has: (key): key is MessageKey => Object.hasOwn(en, key),
    languageName(tag) {
      try {
        const known = names.get(locale.value) ?? new Intl.DisplayNames([locale.value], { type: 'language' })
        names.set(locale.value, known)
        return known.of(tag) ?? tag
      } catch {
        return tag
      }
    },
    time: (at, style = { dateStyle: 'medium', timeStyle: 'short' }) =>
      new Intl.DateTimeFormat(locale.value, style).format(new Date(at)),
  }
}

function first(tags: readonly (string | null)[]): string {
  return tags.map((tag) => tag?.slice(0, 2) ?? '').find((tag) => LOCALES.includes(tag)) ?? 'en'
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED)
  } catch {
    return null
  }
}
