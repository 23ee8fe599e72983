import { damaged } from '../refusal.ts'

const STREAMINFO_SIZE = 34

/**
 * Checks that the metadata of a FLAC file are whole.
 * @returns how many samples of each channel it has, as it says; null when it does not say
 * @throws RecordingRefused
 */
export function checkFlac(bytes: Buffer): number | null {
  let at = bytes.indexOf('fLaC') + 4
  const streamInfo = bytes.subarray(at + 4, at + 4 + STREAMINFO_SIZE)
  if (streamInfo.length < STREAMINFO_SIZE || ((bytes[at] ?? 0) & 0x7f) !== 0) damaged('The file lacks its description.')
  for (let isLast = false; !isLast; ) {
    if (at + 4 > bytes.length) damaged('The file ends within its metadata.')
    isLast = ((bytes[at] ?? 0) & 0x80) !== 0
    at += 4 + bytes.readUIntBE(at + 1, 3)
  }
  if (at >= bytes.length) damaged('The file has no samples.')
  const total = (streamInfo.readUInt8(13) & 0x0f) * 2 ** 32 + streamInfo.readUInt32BE(14)
  return total === 0 ? null : total
}
