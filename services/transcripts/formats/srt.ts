import type { Format } from '../formats.ts'
import { clock, oneLine } from './text.ts'

// Players take `<i>` and `{\an8}` for markup and `-->` for a time, and the format has no way to escape: an invisible word joiner after
// the character keeps it a character.
const MARKUP = /[<{](?=\S)|-(?=->)/g

const plain = (text: string) => oneLine(text).replaceAll(MARKUP, '$&\u2060')

function timestamp(seconds: number): string {
  const { time, milliseconds } = clock(seconds)
  return `${time},${milliseconds}`
}

/** SubRip: numbered, with CRLF as its players know it. */
export const srt: Format = {
  contentType: 'application/x-subrip; charset=utf-8',
  head: () => '',
  caption({ start_s, end_s, speaker, text }, index) {
    const timing = `${timestamp(start_s)} --> ${timestamp(end_s)}`
    return `${index + 1}\r\n${timing}\r\n${plain(speaker.display_name)}: ${plain(text)}\r\n\r\n`
  },
  tail: '',
}
