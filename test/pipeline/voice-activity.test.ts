import t, { type Test } from 'tap'
import { type ActivityEvent, createVoiceActivities, type VoiceActivity } from '../../pipeline/voice-activity.ts'
import { modelsFolder } from '../../scripts/setup/models.ts'
import { modelsWith } from '../support/embedded.ts'
import { joined, recording, silence } from '../support/recordings.ts'

const factory = createVoiceActivities({ modelsDir: modelsFolder() })

function speaker(t: Test): VoiceActivity {
  if (!factory) throw new Error('The speech models are missing: npm run setup')
  const activity = factory()
  t.teardown(() => activity.close())
  return activity
}

/** Pushes samples in parts of so many and gives all events, those of the end included. */
function listen(activity: VoiceActivity, samples: Float32Array, part = 1_600): ActivityEvent[] {
  const events: ActivityEvent[] = []
  for (let at = 0; at < samples.length; at += part) events.push(...activity.push(samples.subarray(at, at + part)))
  return [...events, ...activity.finish()]
}

const near = (t: Test, found: number | undefined, expected: number) =>
  t.ok(found !== undefined && Math.abs(found - expected) < 0.6, `${found} s, expected ${expected} s`)

t.test('two utterances with a pause are two segments, with their times and their sound', async (t) => {
  const { samples } = await recording('en-goforward')
  const seconds = samples.length / 16_000
  const found = listen(speaker(t), joined(silence(3), samples, silence(2), samples, silence(2)))
  t.strictSame(
    found.map(({ type }) => type),
    ['start', 'end', 'start', 'end'],
  )
  near(t, found[0]?.at_s, 3.5)
  near(t, found[1]?.at_s, 3 + seconds - 0.5)
  near(t, found[2]?.at_s, 5.5 + seconds)
  for (const event of found) {
    if (event.type === 'end') t.ok(event.samples.length > 16_000 && event.samples.length < samples.length + 16_000)
  }
})

t.test('the same is found however the samples are cut', async (t) => {
  const { samples } = await recording('en-only-person')
  const all = joined(silence(1), samples, silence(1.5))
  const once = listen(speaker(t), all, all.length)
  t.equal(once.length, 2)
  for (const part of [1, 160, 511, 512, 513, 16_384]) t.strictSame(listen(speaker(t), all, part), once)
})

t.test('while somebody speaks what was said so far can be had, and it grows', async (t) => {
  const activity = speaker(t)
  const { samples } = await recording('en-austen-1')
  t.equal(activity.current().length, 0)
  activity.push(silence(1))
  t.equal(activity.current().length, 0)
  let before = 0
  for (let at = 16_000; at < 80_000; at += 8_000) {
    activity.push(samples.subarray(at, at + 8_000))
    if (at >= 24_000) t.ok(activity.current().length > before)
    before = activity.current().length
  }
  t.ok(before > 48_000)
  t.match(activity.finish(), [{ type: 'end' }])
  t.equal(activity.current().length, 0)
})

t.test('silence and noise are nobody speaking', async (t) => {
  t.strictSame(listen(speaker(t), silence(20)), [])
  t.strictSame(
    listen(
      speaker(t),
      silence(5).map((_, i) => Math.sin(i * i) * 0.05),
    ),
    [],
  )
  t.strictSame(listen(speaker(t), new Float32Array(0)), [])
})

t.test('speech without a pause ends after 25 s at the latest and goes on as a new segment', async (t) => {
  const { samples } = await recording('en-austen-1')
  const nonstop = joined(...Array.from({ length: 9 }, () => samples.subarray(4_000, samples.length - 6_000)))
  const found = listen(speaker(t), nonstop)
  const ends = found.filter((event) => event.type === 'end')
  t.ok(ends.length >= 2)
  t.ok(ends.every((event) => event.samples.length <= 26 * 16_000))
  t.ok(ends.reduce((sum, event) => sum + event.samples.length, 0) > 0.9 * nonstop.length, 'nothing of it is lost')
})

t.test('speakers do not hear each other, and a detector that is used again remembers nothing', async (t) => {
  const { samples } = await recording('en-only-person')
  const all = joined(samples, silence(1.5))
  const alone = listen(speaker(t), all)
  const [one, other] = [speaker(t), speaker(t)]
  const events: ActivityEvent[] = []
  for (let at = 0; at < all.length; at += 1_600) {
    events.push(...one.push(all.subarray(at, at + 1_600)))
    t.strictSame(other.push(silence(0.1)), [])
  }
  t.strictSame([...events, ...one.finish()], alone)
  const interrupted = speaker(t)
  interrupted.push(samples.subarray(0, 30_000))
  interrupted.close()
  t.strictSame(interrupted.push(samples), [], 'closed')
  t.strictSame(listen(speaker(t), all), alone)
})

t.test('without the model there is none', async (t) => {
  t.equal(createVoiceActivities({ modelsDir: modelsWith(t) }), null)
})
