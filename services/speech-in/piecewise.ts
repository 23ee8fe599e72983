import { type Draft, INTERIM_EVERY_MS } from './draft.ts'
import { createPause } from './pause.ts'
import type { Recogniser } from './recogniser.ts'
import type { Stretch } from './stretch.ts'
import type { Turns } from './turns.ts'

export interface PiecewiseDeps {
  recogniser: Pick<Recogniser, 'recognise'>
  draft: Draft
  turns: Turns
  fail(error: unknown): void
  now: () => number
}

/** Shorter speech is not looked at before it ends. */
const WORTH_A_LOOK = 8_000
/** What a look costs decides how soon the next one comes: engines have others to serve. */
const REST = 2

/** Recognises a stretch as a whole at its end, and what there is of it while it grows. */
export function createPiecewise({ recogniser, draft, turns, fail, now }: PiecewiseDeps): Stretch {
  const pause = createPause()
  let nextLook = now() + INTERIM_EVERY_MS
  /** What is, or was last, looked at: its words are null when it failed. */
  let look: { heard: number; words: Promise<string | null> } | null = null
  let looking = false
  let settling = false

  function begin(speech: Float32Array): void {
    const release = speech.length < WORTH_A_LOOK ? null : turns.interim()
    if (!release) return
    const started = now()
    looking = true
    const words = recogniser
      .recognise(speech)
      // The final one says what is wrong.
      .catch(() => null)
      .finally(() => {
        release()
        looking = false
        nextLook = Math.max(started + INTERIM_EVERY_MS, now() + (now() - started) * (REST - 1))
      })
    look = { heard: speech.length, words }
    void words.then((text) => {
      if (text && !settling) draft.interim(text)
    })
  }

  return {
    grow(samples, speech) {
      // A look in the pause has heard everything when the stretch ends there: its words are final without another.
      const likelyEnd = pause.push(samples)
      if (!looking && (likelyEnd || now() >= nextLook)) begin(speech())
    },
    async settle(speech) {
      settling = true
      let text: string | null = null
      try {
        if (look && look.heard >= speech.length) text = await look.words
        if (speech.length > 0) text ??= await recogniser.recognise(speech)
      } catch (error) {
        fail(error)
      }
      await draft.final(text ?? '')
    },
  }
}
