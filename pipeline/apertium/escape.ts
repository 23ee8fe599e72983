// What the stream format gives a meaning to.
const RESERVED = /[\\[\]{}^$/@<>]/g
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
// An escaped character, or a blank of the stream format, which is never ours: brackets of the text are escaped.
const ESCAPED_OR_BLANK = /\\(.)|\[\[[^\]]*\]\]|\[[^\]]*\]/gsu

/** Text as one line of apertium's stream format: no line break, no NUL, reserved characters escaped. */
export function escapeText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '').replace(CONTROL, ' ').replace(RESERVED, '\\$&')
}

/** The text of an answer in stream format, spaces collapsed. */
export function unescapeText(stream: string): string {
  return stream
    .replace(ESCAPED_OR_BLANK, (_match, character: string | undefined) => character ?? '')
    .replace(/\s+/gu, ' ')
    .trim()
}
