import { AppError } from '../../errors.ts'
import type { VoiceActivity } from '../../pipeline/voice-activity.ts'
import type { Tracing } from '../tracing.ts'
import type { Stretch } from './stretch.ts'
import type { Turns } from './turns.ts'

/** What is heard of one speaker. */
export interface Listening {
  /** 16 kHz mono, -1 to 1, any number of samples. Silence costs nothing. */
  push(samples: Float32Array): void
  /** Ends what is being said, as a pause does. */
  pause(): void
  /** Nothing follows. Resolves when everything that was said is sent. */
  finish(): Promise<void>
}

export interface ListeningDeps {
  activity: VoiceActivity
  /** Begins a stretch of speech; null when it cannot be recognised. */
  begin(): Stretch | null
  turns: Turns
  tracing: Tracing
  fail(error: unknown): void
}

/** The detector looks at so many samples at a time. */
const FRAME = 512
const SAMPLE_RATE = 16_000
/** Finished speech of one speaker that waits for the engine, in samples: a minute. Beyond it the engine cannot keep up. */
const MAX_WAITING = 60 * SAMPLE_RATE

/** Cuts the speech of one speaker into stretches and settles them one after the other. */
export function createListening({ activity, begin, turns, tracing, fail }: ListeningDeps): Listening {
  let stretch: Stretch | null = null
  let total = 0
  let waiting = 0
  let tail: Promise<void> = Promise.resolve()
  let isFinished = false

  function settle(ended: Stretch, speech: Float32Array): void {
    if (waiting + speech.length > MAX_WAITING) {
      fail(new AppError('PROVIDER_UNAVAILABLE', 'Speech comes faster than it is recognised: some of it is lost.'))
      tail = tail.then(() => ended.settle(new Float32Array(0)))
      return
    }
    waiting += speech.length
    const giveBack = turns.final()
    // A trace begins at the end of what somebody said.
    const attributes = { 'fluentmeet.speech_seconds': speech.length / SAMPLE_RATE }
    const span = tracing.start('speech utterance', { parent: null, attributes })
    tail = tail
      .then(() => tracing.within(span, () => ended.settle(speech)))
      .finally(() => {
        span.end()
        giveBack()
        waiting -= speech.length
      })
  }

  function take(events: ReturnType<VoiceActivity['push']>): boolean {
    let isNew = false
    for (const event of events) {
      if (event.type === 'start') {
        stretch = begin()
        isNew = true
      } else {
        if (stretch) settle(stretch, event.samples)
        stretch = null
      }
    }
    return isNew && stretch !== null
  }

  return {
    push(samples) {
      if (isFinished) return
      total += samples.length
      const isNew = take(activity.push(samples))
      if (!stretch) return
      if (!isNew) return stretch.grow(samples, () => activity.current())
      // What the detector has seen, and what it keeps until it can look at it.
      stretch.grow(activity.current(), () => activity.current())
      const unseen = total % FRAME
      if (unseen > 0 && unseen <= samples.length)
        stretch.grow(samples.subarray(samples.length - unseen), () => activity.current())
    },
    pause() {
      if (isFinished) return
      take(activity.finish())
      total = 0
    },
    async finish() {
      if (!isFinished) {
        take(activity.finish())
        isFinished = true
        activity.close()
      }
      await tail
    },
  }
}
