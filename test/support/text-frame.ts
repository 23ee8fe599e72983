import assert from 'node:assert/strict'

/** The JSON in a whole WebSocket frame of text, as a server sends it. Throws when it is none. */
export function readTextFrame(frame: Buffer): unknown {
  assert.equal(frame[0], 0x81, 'one frame of text')
  const short = frame[1] ?? 0
  assert(short <= 127, 'not masked')
  const [head, length] =
    short < 126 ? [2, short] : short === 126 ? [4, frame.readUInt16BE(2)] : [10, Number(frame.readBigUInt64BE(2))]
  assert.equal(frame.length, head + length)
  return JSON.parse(frame.toString('utf8', head))
}
