/** A cue as a strict parser reads it. */
export interface Cue {
  id: string
  start_s: number
  end_s: number
  voice: string
  text: string
}

const VTT_TIME = /^(\d{2,}):([0-5]\d):([0-5]\d)\.(\d{3})$/
const SRT_TIME = /^(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})$/
const REFERENCES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>' }

function secondsOf(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)
  if (!found) throw new Error(`not a time: ${JSON.stringify(text)}`)
  const [hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = found.slice(1).map(Number)
  return (hours * 3_600_000 + minutes * 60_000 + seconds * 1000 + milliseconds) / 1000
}

function timing(line: string | undefined, pattern: RegExp): { start_s: number; end_s: number } {
  const parts = (line ?? '').split(' --> ')
  if (parts.length !== 2) throw new Error(`not a timing: ${JSON.stringify(line)}`)
  const [start_s = 0, end_s = 0] = parts.map((part) => secondsOf(part, pattern))
  if (end_s <= start_s) throw new Error('a cue must end after it begins')
  return { start_s, end_s }
}

/** Cue text without its references; throws for what the syntax does not allow outside of them. */
function unescaped(text: string): string {
  if (/[<>]|&(?!(?:amp|lt|gt);)/.test(text)) throw new Error(`not escaped: ${JSON.stringify(text)}`)
  return text.replaceAll(/&(?:amp|lt|gt);/g, (reference) => REFERENCES[reference] ?? '')
}

/** Reads WebVTT as W3C's syntax has it, of what we write: cues with an identifier and one voice. Throws for anything else. */
export function parseVtt(document: string): Cue[] {
  if (/[\r\0]/.test(document)) throw new Error('an odd character')
  if (!document.startsWith('WEBVTT\n\n')) throw new Error('no header')
  const cues = blocksOf(document.slice('WEBVTT\n\n'.length), '\n').map((lines): Cue => {
    const [id = '', times, payload, ...more] = lines
    if (id === '' || id.includes('-->') || payload === undefined || more.length > 0) throw new Error('not a cue')
    if (payload.includes('-->')) throw new Error('an arrow in a cue')
    const voice = /^<v ([^<>\s][^<>]*)>([^<>]*)$/.exec(payload)
    if (!voice) throw new Error(`not one voice: ${JSON.stringify(payload)}`)
    return { id, ...timing(times, VTT_TIME), voice: unescaped(voice[1] ?? '').trim(), text: unescaped(voice[2] ?? '') }
  })
  for (const [index, { start_s }] of cues.entries())
    if (start_s < (cues[index - 1]?.start_s ?? 0)) throw new Error('cues are not in order')
  return cues
}

/** Reads SubRip: numbered from 1, CRLF throughout, one line of `Name: text` that no player takes for markup. Throws for anything else. */
export function parseSrt(document: string): Cue[] {
  if (/(?<!\r)\n|\r(?!\n)/.test(document)) throw new Error('mixed line breaks')
  return blocksOf(document, '\r\n').map((lines, index): Cue => {
    const [id = '', times, payload, ...more] = lines
    if (id !== String(index + 1) || payload === undefined || more.length > 0) throw new Error('not a cue')
    if (/<[a-z/!]|\{[\\a-z]|-->/i.test(payload)) throw new Error(`markup: ${JSON.stringify(payload)}`)
    const plain = payload.replaceAll('\u2060', '')
    const colon = plain.indexOf(': ')
    const [voice, text] = colon === -1 ? [plain.replace(/:$/, ''), ''] : [plain.slice(0, colon), plain.slice(colon + 2)]
    return { id, ...timing(times, SRT_TIME), voice, text }
  })
}

/** Blocks of lines, each ended by one empty line; a document of none is empty. */
function blocksOf(document: string, lineBreak: string): string[][] {
  if (document === '') return []
  const end = lineBreak + lineBreak
  if (!document.endsWith(end)) throw new Error('the last block is not ended')
  return document
    .slice(0, -end.length)
    .split(end)
    .map((block) => block.split(lineBreak))
}
