import assert from 'node:assert/strict'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { registerFormats } from '../../../schemas/common.ts'
import { Transcript, type TranscriptCaption, type TranscriptFormat } from '../../../schemas/transcripts.ts'
import { attachment } from '../../../services/transcripts/filename.ts'
import { oneLine } from '../../../services/transcripts/formats/text.ts'
import { FORMATS } from '../../../services/transcripts/formats.ts'
import { parseSrt, parseVtt } from '../../support/subtitles.ts'

registerFormats()

const ROOM = { room_code: 'a'.repeat(26), name: 'Stand-up' }

function captionOf(start_s: number, name: string, text: string): TranscriptCaption {
  return {
    id: 'c',
    at: '2030-01-01T00:00:00.000Z',
    start_s,
    end_s: start_s + 2,
    speaker: { id: null, display_name: name },
    language: 'en',
    text,
    source_language: 'en',
    source_text: text,
    status: 'original',
  }
}

function documentOf(format: TranscriptFormat, captions: readonly TranscriptCaption[]): string {
  const { head, caption, tail } = FORMATS[format]
  return head({ room: ROOM, language: null }) + captions.map(caption).join('') + tail
}

/** Text that tries to be more than text, and any other. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['\n\n', '\r\n', '\r', '\u2028', '\u0085', '\0', '-->', ' --> ', '--', '>', '<', '&', ':', '1', '\u2060'],
        ...['00:00:01.000 --> 00:00:02.000', '00:00:01,000 --> 00:00:02,000', 'WEBVTT', 'NOTE x', 'STYLE', '::cue{}'],
        ...['<v Bob>', '</v>', '<b>', '<c.red>', '<00:01.000>', '&lt;', '&nbsp;', '{\\an8}', '{b}', '<font color=red>'],
        ...['{"', '"]}', '\\', '\u{1f642}', '\u202e', '\ud800'],
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
// As names are: not empty, not endless. `: ` and word joiners are what SubRip's parser tells name from text by.
const name = nasty.map((text) => {
  const spoken = oneLine(`A${text}`).replaceAll(': ', ':').replaceAll('\u2060', '')
  return Array.from(spoken)
    .slice(0, 40)
    .join('')
    .replace(/[:\s]+$/, '')
})
const captions = fc
  .array(fc.record({ name, text: nasty, gap: fc.integer({ min: 0, max: 200_000_000 }) }), { maxLength: 6 })
  .map((said) => {
    let start = 0
    return said.map(({ name, text, gap }) => {
      start += gap / 1000
      return captionOf(Math.round(start * 1000) / 1000, name, text)
    })
  })

const bare = (text: string) => oneLine(text).replaceAll('\u2060', '')

t.test('whatever people say, WebVTT is valid and says that and no more', async (t) => {
  const holds = fc.property(captions, (said) => {
    const cues = parseVtt(documentOf('vtt', said))
    assert.deepEqual(
      cues,
      said.map(({ start_s, end_s, speaker, text }, index) => ({
        id: String(index + 1),
        start_s,
        end_s: Math.round(end_s * 1000) / 1000,
        voice: speaker.display_name,
        text: oneLine(text),
      })),
    )
  })
  t.doesNotThrow(() => fc.assert(holds))
})

t.test('whatever people say, SubRip is valid and nothing in it is markup', async (t) => {
  const holds = fc.property(captions, (said) => {
    assert.deepEqual(
      // As one line: where a name has a colon of its own nobody can tell where it ends.
      parseSrt(documentOf('srt', said)).map(({ voice, text, start_s }) => ({ line: `${voice}: ${text}`, start_s })),
      said.map(({ start_s, speaker, text }) => ({ line: `${speaker.display_name}: ${bare(text)}`, start_s })),
    )
  })
  t.doesNotThrow(() => fc.assert(holds))
})

t.test('whatever people say, plain text has a line for each caption', async (t) => {
  const holds = fc.property(captions, (said) => {
    const lines = documentOf('txt', said).split(/\r\n|[\n\r\u2028\u2029\u0085\v\f]/)
    assert.equal(lines.pop(), '')
    assert.equal(lines.length, said.length)
    for (const line of lines) assert.match(line, /^\[\d{2,}:[0-5]\d:[0-5]\d\] A.*:/)
  })
  t.doesNotThrow(() => fc.assert(holds))
})

t.test('whatever people say, JSON gives it back as it was, by its schema', async (t) => {
  const holds = fc.property(captions, (said) => {
    const parsed = JSON.parse(documentOf('json', said)) as unknown
    assert.ok(Value.Check(Transcript, parsed))
    assert.deepEqual(parsed, { room: ROOM, language: null, captions: said })
  })
  t.doesNotThrow(() => fc.assert(holds))
})

t.test('each format as it looks', async (t) => {
  const said = [captionOf(0, 'Ana & Co', 'a < b --> c'), captionOf(3_725.25, "O'Brien", 'Hi <i>you</i> {\\an8}')]
  t.equal(
    documentOf('vtt', said),
    'WEBVTT\n\n' +
      '1\n00:00:00.000 --> 00:00:02.000\n<v Ana &amp; Co>a &lt; b --&gt; c\n\n' +
      "2\n01:02:05.250 --> 01:02:07.250\n<v O'Brien>Hi &lt;i&gt;you&lt;/i&gt; {\\an8}\n\n",
  )
  t.equal(
    documentOf('srt', said),
    '1\r\n00:00:00,000 --> 00:00:02,000\r\nAna & Co: a < b -\u2060-> c\r\n\r\n' +
      "2\r\n01:02:05,250 --> 01:02:07,250\r\nO'Brien: Hi <\u2060i>you<\u2060/i> {\u2060\\an8}\r\n\r\n",
  )
  t.equal(documentOf('txt', said), "[00:00:00] Ana & Co: a < b --> c\n[01:02:05] O'Brien: Hi <i>you</i> {\\an8}\n")
  t.strictSame(
    ['vtt', 'srt', 'txt'].map((format) => documentOf(format as TranscriptFormat, [])),
    ['WEBVTT\n\n', '', ''],
    'nothing said',
  )
})

t.test('a download is named after its room, whatever that is called', async (t) => {
  t.equal(
    attachment('Réunion à 9h', 'vtt'),
    `attachment; filename="Reunion a 9h transcript.vtt"; filename*=UTF-8''R%C3%A9union%20%C3%A0%209h%20transcript.vtt`,
  )
  t.equal(
    attachment('../../"; filename=evil.exe', 'srt'),
    `attachment; filename="_ filename_evil.exe transcript.srt"; filename*=UTF-8''%3B%20filename%3Devil.exe%20transcript.srt`,
  )
  const holds = fc.property(nasty, (roomName) => {
    const value = attachment(roomName, 'txt')
    assert.match(value, /^attachment; filename="[\w .-]+\.txt"; filename\*=UTF-8''(?:[\w.!~-]|%[0-9A-F]{2})+$/)
    const decoded = decodeURIComponent(value.split("''")[1] ?? '')
    assert.doesNotMatch(decoded, /[\\/:*?"<>|\p{Cc}]|^\./u)
  })
  t.doesNotThrow(() => fc.assert(holds))
})
