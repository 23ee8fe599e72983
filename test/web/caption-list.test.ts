import t from 'tap'
import { createCaptionList } from '../../web/src/meeting/captions.ts'
import type { CaptionFrame } from '../../web/src/meeting/frames.ts'

const caption = (id: string, revision: number, final: boolean, text = `${id} ${revision}`, speaker = 'ana') =>
  ({ type: 'caption', id, revision, final, text, speaker: { id: speaker } }) as CaptionFrame

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
