import { damaged, RecordingRefused } from '../refusal.ts'

const SEGMENT = 0x18538067
const CLUSTER = 0x1f43b675
const TRACKS = 0x1654ae6b
const TRACK_ENTRY = 0xae
const CODEC_ID = 0x86
/** Elements that are looked into, rather than passed over. */
const OPENED: ReadonlySet<number> = new Set([SEGMENT, CLUSTER, TRACKS, TRACK_ENTRY])
const TAKEN = /^(?:A_OPUS|A_VORBIS|V_[\x20-\x7e]{1,64})\0*$/

/**
 * Checks that the elements of a WebM file are whole and that its sound is one of WebM's own two codecs: the decoder would load others,
 * which the format does not know. @throws RecordingRefused
 */
export function checkWebm(bytes: Buffer): void {
  let clusters = 0
  for (let at = 0; at < bytes.length; ) {
    const id = readId(bytes, at)
    const size = readSize(bytes, at + id.length)
    const body = at + id.length + size.length
    if (size.value !== null && body + size.value > bytes.length) damaged('The file ends within an element.')
    if (id.value === CODEC_ID) checkCodec(bytes.toString('latin1', body, body + (size.value ?? 0)))
    if (id.value === CLUSTER) clusters++
    const open = OPENED.has(id.value)
    if (!open && size.value === null) damaged('An element does not say where it ends.')
    at = open ? body : body + (size.value ?? 0)
  }
  if (clusters === 0) damaged('The file has no sound.')
}

function checkCodec(codec: string): void {
  if (!TAKEN.test(codec)) throw new RecordingRefused('unsupported', 'The sound of a WebM file is Opus or Vorbis.')
}

function readId(bytes: Buffer, at: number): { value: number; length: number } {
  const length = Math.clz32(bytes[at] ?? 0) - 23
  if (length > 4) damaged('An element has no name.')
  if (at + length > bytes.length) damaged('The file ends within an element.')
  return { value: bytes.readUIntBE(at, length), length }
}

/** Null where the element goes on until another one begins. */
function readSize(bytes: Buffer, at: number): { value: number | null; length: number } {
  const first = bytes[at] ?? 0
  const length = Math.clz32(first) - 23
  if (length > 8 || at + length > bytes.length) damaged('The file ends within an element.')
  let value = first & (0xff >> length)
  let unknown = value === 0xff >> length
  for (let index = 1; index < length; index++) {
    const byte = bytes[at + index] ?? 0
    unknown &&= byte === 0xff
    value = value * 256 + byte
  }
  return { value: unknown ? null : value, length }
}
