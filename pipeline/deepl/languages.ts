import { field, list, textOf } from '../json.ts'
import { languageNamed } from '../languages.ts'

/** Which of several kinds of a language is written, best first: our languages know no regions. */
const PREFERRED: Readonly<Record<string, readonly string[]>> = {
  en: ['EN-US', 'EN-GB'],
  pt: ['PT-BR', 'PT-PT'],
  zh: ['ZH-HANS', 'ZH'],
  es: ['ES'],
}
const MAX_LANGUAGES = 300

/** `[{language: "PT-BR"}]` as the provider's code for each of our languages. */
export function readCodes(answer: unknown): Map<string, string> {
  const codes = new Map<string, string>()
  for (const entry of list(answer).slice(0, MAX_LANGUAGES)) {
    const code = textOf(field(entry, 'language'))?.toUpperCase()
    const language = languageNamed(code)
    if (!code || !language) continue
    const known = codes.get(language)
    if (known === undefined || rank(language, code) < rank(language, known)) codes.set(language, code)
  }
  return codes
}

function rank(language: string, code: string): number {
  const at = PREFERRED[language]?.indexOf(code) ?? -1
  if (at >= 0) return at
  return code.includes('-') ? 100 : 50
}
