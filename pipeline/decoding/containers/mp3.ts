import { damaged } from '../refusal.ts'

const BITRATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const BITRATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const RATES = [44_100, 48_000, 32_000]
const LAYER_3 = 1

interface Frame {
  size: number
  /** Where a Xing or Info header would stand, from the frame's begin. */
  sideEnd: number
}

/** Checks that an MP3 file ends with a whole frame, and has as many bytes as it says. @throws RecordingRefused */
export function checkMp3(bytes: Buffer): void {
  const end = withoutTags(bytes)
  let at = afterId3(bytes)
  let frames = 0
  while (at + 4 <= end) {
    const frame = frameAt(bytes, at)
    // What is no frame is passed over, as players do.
    if (!frame) {
      at++
      continue
    }
    if (frames === 0) checkLength(bytes, at, frame, end)
    // A size of zero: the file does not say.
    if (frame.size === 0) return
    frames++
    if (at + frame.size > end) damaged('The file ends within a frame.')
    at += frame.size
  }
  if (frames === 0) damaged('The file has no frames.')
}

function frameAt(bytes: Buffer, at: number): Frame | null {
  const word = bytes.readUInt32BE(at)
  if (word >>> 21 !== 0x7ff) return null
  const version = (word >>> 19) & 3
  const bitrate = (word >>> 12) & 15
  const rate = RATES[(word >>> 10) & 3]
  if (version === 1 || ((word >>> 17) & 3) !== LAYER_3 || bitrate === 15 || rate === undefined) return null
  const mpeg1 = version === 3
  const mono = ((word >>> 6) & 3) === 3
  const sideEnd = 4 + (mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17)
  const kilobits = (mpeg1 ? BITRATES_1 : BITRATES_2)[bitrate] ?? 0
  const divisor = mpeg1 ? 1 : version === 2 ? 2 : 4
  const samples = mpeg1 ? 144_000 : 72_000
  const size = kilobits === 0 ? 0 : Math.floor((samples * kilobits) / (rate / divisor)) + ((word >>> 9) & 1)
  return { size, sideEnd }
}

/** The first frame may say how many bytes there are in all. */
function checkLength(bytes: Buffer, at: number, { sideEnd }: Frame, end: number): void {
  const header = at + sideEnd
  const id = bytes.toString('latin1', header, header + 4)
  if ((id !== 'Xing' && id !== 'Info') || header + 16 > bytes.length) return
  const flags = bytes.readUInt32BE(header + 4)
  if ((flags & 2) === 0) return
  const total = bytes.readUInt32BE(header + 8 + ((flags & 1) === 0 ? 0 : 4))
  if (at + total > end) damaged('The file has fewer bytes than it says.')
}

function afterId3(bytes: Buffer): number {
  if (bytes.toString('latin1', 0, 3) !== 'ID3' || bytes.length < 10) return 0
  const size = [6, 7, 8, 9].reduce((sum, index) => sum * 128 + ((bytes[index] ?? 0) & 0x7f), 0)
  return 10 + size + (((bytes[5] ?? 0) & 0x10) === 0 ? 0 : 10)
}

/** Where the sound ends: tags may follow. */
function withoutTags(bytes: Buffer): number {
  const hasId3 = bytes.length >= 128 && bytes.toString('latin1', bytes.length - 128, bytes.length - 125) === 'TAG'
  const end = hasId3 ? bytes.length - 128 : bytes.length
  const ape = end - 32
  if (ape < 0 || bytes.toString('latin1', ape, ape + 8) !== 'APETAGEX') return end
  const size = bytes.readUInt32LE(ape + 12) + ((bytes.readUInt32LE(ape + 20) & 0x8000_0000) === 0 ? 0 : 32)
  return Math.max(0, end - size)
}
