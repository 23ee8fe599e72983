import { damaged } from '../refusal.ts'

/** Checks that the boxes of an MP4 file are whole, with an index and media among them. @throws RecordingRefused */
export function checkMp4(bytes: Buffer): void {
  const types = new Set<string>()
  for (let at = 0; at < bytes.length; ) {
    const size = sizeOf(bytes, at)
    if (at + size > bytes.length) damaged('The file ends within a box.')
    types.add(bytes.toString('latin1', at + 4, at + 8))
    at += size
  }
  if (!types.has('moov')) damaged('The file lacks its index.')
  if (!types.has('mdat')) damaged('The file has no media.')
}

/** The size of the box, its header included. */
function sizeOf(bytes: Buffer, at: number): number {
  if (at + 8 > bytes.length) damaged('The file ends within a box.')
  const size = bytes.readUInt32BE(at)
  if (size === 0) return bytes.length - at
  if (size !== 1) return size < 8 ? damaged('A box contradicts itself.') : size
  if (at + 16 > bytes.length) damaged('The file ends within a box.')
  const large = bytes.readBigUInt64BE(at + 8)
  if (large < 16n) damaged('A box contradicts itself.')
  return Number(large)
}
