import type { Format } from '../formats.ts'
import { clock, oneLine } from './text.ts'

/** Plain text: a line a caption. */
export const txt: Format = {
  contentType: 'text/plain; charset=utf-8',
  head: () => '',
  caption: ({ start_s, speaker, text }) =>
    `[${clock(start_s).time}] ${oneLine(speaker.display_name)}: ${oneLine(text)}\n`,
  tail: '',
}
