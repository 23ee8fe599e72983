const FIN_AND_TEXT = 0x81
const LENGTH_16 = 126
const LENGTH_64 = 127
const MAX_LENGTH_16 = 0xffff

/** A text as one frame, as servers send it: unmasked, not compressed, not fragmented (RFC 6455, section 5.2). */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < LENGTH_16 ? 2 : length <= MAX_LENGTH_16 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = FIN_AND_TEXT
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = LENGTH_16
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = LENGTH_64
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head)
  return frame
}
