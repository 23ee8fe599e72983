import type { Format } from '../formats.ts'
import { clock, oneLine } from './text.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** Also takes every `-->` apart, which a cue may not hold. */
const escaped = (text: string) => oneLine(text).replaceAll(/[&<>]/g, (character) => ENTITIES[character] ?? '')

/** The tag of a voice. A name that ends in dashes must not make an arrow with the tag's end; spaces there do not count. */
const voice = (name: string) => `<v ${escaped(name).replace(/-$/, '- ')}>`

function timestamp(seconds: number): string {
  const { time, milliseconds } = clock(seconds)
  return `${time}.${milliseconds}`
}

/** WebVTT (W3C): a cue a caption, the speaker as its voice. */
export const vtt: Format = {
  contentType: 'text/vtt; charset=utf-8',
  head: () => 'WEBVTT\n\n',
  caption({ start_s, end_s, speaker, text }, index) {
    const timing = `${timestamp(start_s)} --> ${timestamp(end_s)}`
    return `${index + 1}\n${timing}\n${voice(speaker.display_name)}${escaped(text)}\n\n`
  },
  tail: '',
}
