import t from 'tap'
import type { ServerFrame } from '../src/index.ts'
import { pauseBefore } from '../src/pause.ts'
import { createEventOrder } from '../src/socket/event-order.ts'

const event = (seq: number) => ({ type: 'participant.updated', seq }) as ServerFrame
const welcome = (seq: number, status = 'joined') => ({ type: 'welcome', seq, participant: { status } }) as ServerFrame
const caption = (seq: number, id: string, revision = 0) =>
  ({ type: 'caption', seq, id, revision, final: true }) as ServerFrame

function order() {
  const delivered: number[] = []
  const events = createEventOrder(
    (frame) => 'seq' in frame && frame.type !== 'welcome' && delivered.push(Number(frame.seq)),
  )
  return { events, delivered }
}

t.test('what was missed comes before what came meanwhile, each event once', async (t) => {
  const { events, delivered } = order()
  events.receive(welcome(3))
  events.settle()
  for (const seq of [4, 5]) events.receive(event(seq))
  events.begin()
  for (const seq of [8, 6, 7, 5]) events.receive(event(seq))
  t.strictSame(delivered, [4, 5], 'gathered until all is there')
  events.settle()
  events.receive(event(8))
  t.strictSame(delivered, [4, 5, 6, 7, 8])
  t.equal(events.lastSeq, 8)
})

t.test('who waits at the door begins with the number at which it is let in', async (t) => {
  const { events, delivered } = order()
  events.receive(welcome(3, 'waiting'))
  t.equal(events.lastSeq, null)
  events.settle()
  events.receive(welcome(9))
  t.equal(events.lastSeq, 9)
  events.receive(event(9))
  events.receive(event(10))
  t.strictSame(delivered, [10])
})

t.test('when what was missed is no longer kept it goes on with what the last welcome knew', async (t) => {
  const { events, delivered } = order()
  events.receive(welcome(3))
  events.settle()
  events.begin()
  events.receive(welcome(2000))
  events.receive(event(2001))
  events.skipMissed()
  events.settle()
  t.strictSame(delivered, [2001])
})

t.test('numbers that begin anew are taken from their beginning, higher ones go on', async (t) => {
  for (const [welcomed, seqs, expected] of [
    [2, [1, 2, 3], [50, 1, 2, 3]],
    [900, [901, 902], [50, 901, 902]],
  ] as const) {
    const { events, delivered } = order()
    events.receive(welcome(49))
    events.settle()
    events.receive(event(50))
    events.begin()
    events.receive(welcome(welcomed))
    events.startOver()
    for (const seq of seqs) events.receive(event(seq))
    events.settle()
    t.strictSame(delivered, expected)
  }
})

t.test('a line that was said twice under one id is shown once, its correction is shown', async (t) => {
  const { events, delivered } = order()
  events.receive(welcome(0))
  events.settle()
  for (const frame of [caption(1, 'a'), caption(2, 'b'), caption(3, 'a'), caption(4, 'a', 1)]) events.receive(frame)
  t.strictSame(delivered, [1, 2, 4])
  t.equal(events.lastSeq, 4)
  for (let seq = 5; seq < 1100; seq++) events.receive(caption(seq, `c${seq}`))
  events.receive(caption(1100, 'b'))
  t.equal(delivered.at(-1), 1100, 'what is long ago is forgotten: memory is bounded')
})

t.test('pauses between tries grow, up to a quarter of a minute, and half of each is chance', async (t) => {
  t.strictSame(
    [0, 1, 4, 20].map((failures) => pauseBefore(failures, () => 1)),
    [500, 1000, 8000, 15_000],
  )
  t.equal(
    pauseBefore(20, () => 0),
    7500,
  )
})
