import t from 'tap'
import { pauseBefore } from '../../web/src/meeting/backoff.ts'
import { createCaptionList } from '../../web/src/meeting/captions.ts'
import { createEventOrder } from '../../web/src/meeting/event-order.ts'
import type { CaptionFrame, ServerFrame } from '../../web/src/meeting/frames.ts'
import { createLines } from '../../web/src/meeting/lines.ts'

const event = (seq: number) => ({ type: 'participant.updated', seq }) as ServerFrame
const welcome = (seq: number, status = 'joined') => ({ type: 'welcome', seq, participant: { status } }) as ServerFrame
const caption = (id: string, revision: number, final: boolean, text = `${id} ${revision}`, speaker = 'ana') =>
  ({ type: 'caption', id, revision, final, text, speaker: { id: speaker } }) as CaptionFrame

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

t.test('captions grow under their id and are settled once; what comes late changes nothing', async (t) => {
  const captions = createCaptionList()
  captions.take(caption('a', 0, false))
  captions.take(caption('a', 2, false))
  captions.take(caption('a', 1, false))
  t.match(captions.interims.value, [{ revision: 2 }])
  captions.take(caption('b', 0, true))
  captions.take(caption('a', 3, true))
  captions.take(caption('a', 1, false))
  captions.take(caption('b', 0, true, 'said again'))
  captions.take(caption('b', 1, true, 'corrected'))
  t.strictSame(captions.interims.value, [])
  t.match(captions.finals.value, [
    { id: 'b', text: 'corrected' },
    { id: 'a', revision: 3 },
  ])
  t.equal(captions.finals.value.length, 2)
})

t.test('a final caption of the revision that was shown settles it', async (t) => {
  const captions = createCaptionList()
  captions.take(caption('a', 2, false))
  captions.take(caption('a', 2, true))
  t.equal(captions.interims.value.length, 0)
  t.equal(captions.finals.value.length, 1)
})

t.test('what somebody had begun to say goes with them, and the list is bounded', async (t) => {
  const captions = createCaptionList()
  captions.take(caption('a', 0, false, 'one', 'ana'))
  captions.take(caption('b', 0, false, 'two', 'ben'))
  captions.forgetSpeaker('ana')
  t.match(captions.interims.value, [{ id: 'b' }])
  for (let i = 0; i < 600; i++) captions.take(caption(`c${i}`, 0, true))
  t.equal(captions.finals.value.length, 500)
  t.equal(captions.finals.value.at(-1)?.id, 'c599')
})

t.test('lines are said one after the other, and again until they are heard', async (t) => {
  const sent: string[] = []
  let isOnline = false
  const lines = createLines((frame) => {
    if (isOnline && frame.type === 'say') sent.push(frame.text)
    return isOnline
  })
  lines.say('one')
  lines.say('two')
  t.strictSame(sent, [])
  isOnline = true
  lines.utter()
  t.strictSame(sent, ['one'])
  lines.heard('somebody else’s')
  const [first] = lines.waiting.value
  lines.utter()
  lines.heard(first?.id ?? '')
  t.strictSame(sent, ['one', 'one', 'two'])
  const [second] = lines.waiting.value
  lines.refused(second?.id ?? '')
  t.equal(lines.returned.value, 'two', 'its words go back to whoever typed them')
  for (let i = 0; i < 60; i++) lines.say('more')
  t.equal(lines.say('too much'), false)
  t.equal(lines.waiting.value.length, 50)
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
