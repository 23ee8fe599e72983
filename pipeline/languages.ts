/** The languages that large models serve well, as ISO 639-1: what a provider is said to serve that does not list them itself. */
export const USUAL_LANGUAGES: readonly string[] =
  'ar bg ca cs da de el en es et fi fr gl he hi hr hu id it ja ko lt lv ms nl no pl pt ro ru sk sl sr sv th tr uk vi zh'.split(
    ' ',
  )

/** Codes that stand for themselves: what is made of any other tag takes a hundred times as long. */
const PLAIN: ReadonlySet<string> = new Set(USUAL_LANGUAGES)

const ENGLISH = new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard' })

/** `es` -> `Spanish`. */
export function englishName(language: string): string {
  return ENGLISH.of(language) ?? language
}

const CODES: ReadonlyMap<string, string> = new Map([
  ...USUAL_LANGUAGES.map((language) => [englishName(language).toLowerCase(), language] as const),
  ['mandarin', 'zh'],
])

/** The language of a tag as ISO 639-1 where it has such a code: `pt-BR` -> `pt`, `eng` -> `en`, and what is called `nb` -> `no`. */
export function baseLanguage(tag: string): string {
  if (PLAIN.has(tag)) return tag
  try {
    const { language } = new Intl.Locale(tag)
    return language === 'nb' ? 'no' : language
  } catch {
    return tag.toLowerCase()
  }
}

/** The language that an engine names by its code or its English name; undefined when it says neither. */
export function languageNamed(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined
  const known = CODES.get(name.trim().toLowerCase())
  if (known) return known
  return /^[a-z]{2,3}([-_][a-z0-9]{2,8})*$/i.test(name) ? baseLanguage(name.replaceAll('_', '-')) : undefined
}
