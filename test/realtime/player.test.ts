import t from 'tap'
import { createPlayer } from '../../realtime/player.ts'

/** A player whose clock and reader the test moves. */
function open() {
  let time = 0
  const headers: { caption_id: string; bytes: number; language: string }[] = []
  const writes: (() => void)[] = []
  const reader = { tooSlow: false, wants: true, writesAtOnce: true }
  const player = createPlayer({
    send(header) {
      if (reader.tooSlow) return null
      headers.push(header as (typeof headers)[number])
      return reader.writesAtOnce ? Promise.resolve() : new Promise((resolve) => writes.push(resolve))
    },
    wants: () => reader.wants,
    now: () => time,
  })
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    async play(captionId: string, seconds: number) {
      player.play({ captionId, language: 'es', sample_rate: 16_000, pcm: Buffer.alloc(seconds * 32_000) })
      await settle()
    },
    async write() {
      writes.shift()?.()
      await settle()
    },
    advance: (ms: number) => {
      time += ms
    },
    ...{ headers, reader },
    ids: () => headers.map(({ caption_id }) => caption_id),
  }
}

t.test('speech that would be heard more than eight seconds late is dropped; after that it goes on', async (t) => {
  const { play, ids, advance } = open()
  for (const id of ['a', 'b', 'c', 'd']) await play(id, 5)
  t.strictSame(ids(), ['a', 'b'], 'c would begin after ten seconds')
  advance(9000)
  await play('e', 5)
  t.strictSame(ids(), ['a', 'b', 'e'])
})

t.test('a long caption comes in parts, so that captions go in between', async (t) => {
  const { play, headers } = open()
  await play('a', 30)
  t.equal(headers.length, 4)
  t.equal(
    headers.reduce((sum, { bytes }) => sum + bytes, 0),
    30 * 32_000,
  )
  t.match(headers[0], { type: 'speech', encoding: 'pcm_s16le', sample_rate: 16_000, bytes: 262_144, language: 'es' })
})

t.test('the next speech is sent when the one before it is written, unless it is too late by then', async (t) => {
  const { play, write, ids, advance, reader } = open()
  reader.writesAtOnce = false
  for (const id of ['a', 'b', 'c']) await play(id, 2)
  t.strictSame(ids(), ['a'])
  await write()
  t.strictSame(ids(), ['a', 'b'])
  advance(13_000)
  await write()
  t.strictSame(ids(), ['a', 'b'])
  await play('d', 2)
  t.strictSame(ids(), ['a', 'b', 'd'])
})

t.test('a slow reader, and one that wants it no more, gets none of the rest', async (t) => {
  const { play, write, ids, reader } = open()
  reader.tooSlow = true
  await play('a', 1)
  reader.tooSlow = false
  reader.writesAtOnce = false
  await play('b', 1)
  await play('c', 1)
  reader.wants = false
  await write()
  t.strictSame(ids(), ['b'])
})
