import { damaged } from '../refusal.ts'

const HEADER = 27
const END_OF_STREAM = 4

/** Checks that the pages of an Ogg file are whole, one after the other, up to one that says it is the last. @throws RecordingRefused */
export function checkOgg(bytes: Buffer): void {
  let at = 0
  let last = 0
  while (bytes.toString('latin1', at, at + 4) === 'OggS') {
    const count = bytes[at + 26]
    if (count === undefined || at + HEADER + count > bytes.length) damaged('The file ends within a page.')
    let size = HEADER + count
    for (let segment = 0; segment < count; segment++) size += bytes[at + HEADER + segment] ?? 0
    if (at + size > bytes.length) damaged('The file ends within a page.')
    last = bytes[at + 5] ?? 0
    at += size
  }
  if ((last & END_OF_STREAM) === 0) damaged('The file ends before its last page.')
}
