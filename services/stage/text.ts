/** Control characters but line breaks and tabs, bidi overrides and isolates, zero-width marks that hide text: nobody says them. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g

/** What an engine wrote, as it may be shown to people. */
export function shownText(text: string): string {
  return text.toWellFormed().replaceAll(UNSAFE, '')
}

/** The same on one line, as somebody says it. */
export function shownLine(text: string): string {
  return shownText(text).replaceAll(/\s+/g, ' ').trim()
}
