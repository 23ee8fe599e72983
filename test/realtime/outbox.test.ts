import t from 'tap'
import { createEventFrames } from '../../realtime/frames.ts'
import { createOutbox } from '../../realtime/outbox.ts'
import { readTextFrame } from '../support/text-frame.ts'

const MEGABYTE = 1024 * 1024

/** An outbox on a socket whose unsent bytes the test sets. */
function open() {
  const sent: { seq?: number; n?: number }[] = []
  const closes: number[] = []
  const ws = {
    OPEN: 1 as const,
    readyState: 1 as 0 | 1 | 2 | 3,
    bufferedAmount: 0,
    send: () => t.fail('only sound goes through the library'),
  }
  const written: (() => void)[] = []
  const write = (frame: Buffer, done?: unknown) => {
    sent.push(readTextFrame(frame) as (typeof sent)[number])
    if (typeof done === 'function') written.push(done as () => void)
    return true
  }
  const outbox = createOutbox(
    ws,
    { write },
    {
      ...{ participantId: 'p', listening: 'en', isHost: false },
      close(code) {
        closes.push(code)
        ws.readyState = 2
      },
    },
  )
  const event = (seq: number | undefined, n = seq, type = 'x') =>
    createEventFrames({
      type,
      at: 'now',
      n,
      speaker: {},
      texts: {},
      source_language: 'en',
      ...(seq === undefined ? {} : { seq }),
    } as never)
  return { outbox, ws, written, sent, closes, event, numbers: () => sent.map(({ n }) => n) }
}

t.test('an event that was sent is not sent again', async (t) => {
  const { outbox, event, numbers } = open()
  outbox.high = 4
  for (const seq of [4, 5, 5, 6, 3]) outbox.deliver(event(seq))
  t.strictSame(numbers(), [5, 6])
})

t.test('held events go out in order after what is replayed, once all holders let go', async (t) => {
  const { outbox, event, numbers } = open()
  outbox.low = outbox.high = 4
  outbox.hold()
  outbox.hold()
  outbox.deliver(event(5))
  outbox.deliver(event(undefined, 99))
  outbox.release()
  outbox.replay(event(3))
  outbox.replay(event(4))
  outbox.deliver(event(6))
  outbox.release()
  t.strictSame(numbers(), [3, 4, 5, 99, 6])
})

t.test('a slow reader misses interims, never room events nor signals', async (t) => {
  const { outbox, ws, event, numbers, closes } = open()
  ws.bufferedAmount = MEGABYTE + 1
  outbox.deliver(event(undefined, 50, 'caption'))
  outbox.deliver(event(1))
  outbox.deliver(event(undefined, 40, 'signal'))
  ws.bufferedAmount = 0
  outbox.deliver(event(undefined, 51, 'caption'))
  t.strictSame(numbers(), [1, 40, 51])
  t.strictSame(closes, [])
})

t.test('a reader too slow is closed with 1013', async (t) => {
  const { outbox, ws, event, closes, sent } = open()
  ws.bufferedAmount = 4 * MEGABYTE + 1
  outbox.deliver(event(1))
  outbox.deliver(event(2))
  t.strictSame(closes, [1013])
  t.strictSame(sent, [])
})

t.test('what is replayed waits for a reader that is slow', async (t) => {
  const { outbox, ws, written, event } = open()
  await outbox.replay(event(1))
  ws.bufferedAmount = MEGABYTE + 1
  let done = false
  const replayed = outbox.replay(event(2)).then(() => {
    done = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(done)
  written.at(-1)?.()
  await replayed
  ws.readyState = 3
  await outbox.replay(event(3))
})

t.test('what is held is bounded', async (t) => {
  const { outbox, event, closes } = open()
  outbox.hold()
  for (let seq = 1; seq <= 2001; seq++) outbox.deliver(event(seq))
  t.strictSame(closes, [1013])
})
