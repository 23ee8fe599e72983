import type { I18n, MessageKey } from '../i18n/i18n.ts'

const KINDS: readonly (readonly [RegExp, MessageKey])[] = [
  [/required/, 'field.required'],
  [/equal to constant/, 'field.accept'],
  [/format "email"/, 'field.email'],
  [/format "safe-text"/, 'field.plainText'],
  [/fewer than 1 char/, 'field.required'],
  [/(?:fewer than|at least) (?<count>\d+)/, 'field.tooShort'],
  [/(?:more than|at most) (?<count>\d+)/, 'field.tooLong'],
  [/too common/, 'field.passwordCommon'],
  [/your name or e-mail/, 'field.passwordOwn'],
  [/wrong or was used/, 'field.codeWrong'],
]

/** What is wrong with one field. The server's words are for developers: they are told apart, and said in the reader's language. */
export function fieldText({ t }: Pick<I18n, 't'>, message: string): string {
  for (const [pattern, key] of KINDS) {
    const found = pattern.exec(message)
    if (found) return t(key, found.groups ?? {})
  }
  return t('field.invalid')
}
