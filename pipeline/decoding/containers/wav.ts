import { damaged, RecordingRefused } from '../refusal.ts'

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const EXTENSIBLE = 0xfffe
const TAKEN: ReadonlySet<number> = new Set([PCM, FLOAT, A_LAW, MU_LAW])
/** Written by programs that do not know the length yet, and never came back to say it. */
const UNKNOWN = 0xffff_ff00

/** Checks that a RIFF/WAVE file is whole and holds samples we read. @throws RecordingRefused */
export function checkWav(bytes: Buffer): void {
  let format: number | undefined
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32LE(at + 4)
    if (id === 'fmt ') format = checkFormat(bytes.subarray(at + 8, at + 8 + size))
    if (id === 'data') {
      if (format === undefined) damaged('The samples come before their format.')
      if (size < UNKNOWN && at + 8 + size > bytes.length) damaged('The file ends within its samples.')
      return
    }
    at += 8 + size + (size % 2)
  }
  damaged('The file has no samples.')
}

function checkFormat(chunk: Buffer): number {
  if (chunk.length < 16) damaged('The format is cut off.')
  let format = chunk.readUInt16LE(0)
  if (format === EXTENSIBLE && chunk.length >= 26) format = chunk.readUInt16LE(24)
  if (!TAKEN.has(format)) throw new RecordingRefused('unsupported', 'A WAV file may hold PCM, float, A-law or µ-law.')
  const blockSize = chunk.readUInt16LE(12)
  const channels = chunk.readUInt16LE(2)
  if (channels === 0 || blockSize === 0 || blockSize % channels !== 0) damaged('The format contradicts itself.')
  return format
}
