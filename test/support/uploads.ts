import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'audio')

/** One sentence in every format that is taken. */
export const UPLOADS = {
  wav: 'only-person.wav',
  flac: 'only-person.flac',
  vorbis: 'only-person.ogg',
  opus: 'only-person-opus.ogg',
  webm: 'only-person.webm',
  mp3: 'only-person.mp3',
  m4a: 'only-person.m4a',
} as const

export type UploadName = keyof typeof UPLOADS

export function upload(name: UploadName): Buffer {
  return readFileSync(join(FOLDER, UPLOADS[name]))
}

/** How long the sentence is. */
export const UPLOAD_SECONDS = 3.16

export interface Part {
  name: string
  /** A part that has one is a file. */
  filename?: string
  content: Buffer | string
}

const BOUNDARY = 'a-boundary-of-the-tests'

/** The headers and the payload of a form. */
export function form(...parts: Part[]) {
  const pieces = parts.flatMap(({ name, filename, content }) => {
    const isFile = filename !== undefined
    const head = [
      `--${BOUNDARY}`,
      `content-disposition: form-data; name="${name}"${isFile ? `; filename="${filename}"` : ''}`,
      ...(isFile ? ['content-type: application/octet-stream'] : []),
    ]
    return [Buffer.from(`${head.join('\r\n')}\r\n\r\n`), Buffer.from(content as string), Buffer.from('\r\n')]
  })
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    payload: Buffer.concat([...pieces, Buffer.from(`--${BOUNDARY}--\r\n`)]),
  }
}

/** A tone as a WAV file, 16-bit mono. */
export function toneWav(seconds: number, rate = 8_000, frequency = 440): Buffer {
  const count = Math.round(seconds * rate)
  const file = Buffer.alloc(44 + count * 2)
  file.write('RIFF', 0, 'latin1')
  file.writeUInt32LE(36 + count * 2, 4)
  file.write('WAVEfmt ', 8, 'latin1')
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * 2, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36, 'latin1')
  file.writeUInt32LE(count * 2, 40)
  for (let index = 0; index < count; index++)
    file.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * frequency * index) / rate)), 44 + index * 2)
  return file
}
