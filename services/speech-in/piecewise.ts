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
/** What a look in the last pause may lack of the whole: the detector hears the end a little later, and leaves some quiet after it. */
const PAUSE_LACKS = 4_800
/** What a look costs decides how soon the next one comes: engines have others to serve. */
const REST = 2

interface Look {
  /** Samples, from the beginning of the stretch. */
  readonly heard: number
  /** Null when it failed. */
  readonly words: Promise<string | null>
}

/** Recognises a stretch as a whole at its end, and what there is of it while it grows. */
export function createPiecewise({ recogniser, draft, turns, fail, now }: PiecewiseDeps): Stretch {
  const pause = createPause()
  let nextLook = now() + INTERIM_EVERY_MS
  /** The one under way, or the last. */
  let look: Look | null = null
  /** The look that heard what came before the pause that lasts still. */
  let pauseLook: Look | null = null
  let looking = false
  let settling = false

  function begin(speechNow: () => Float32Array): Look | null {
    const release = turns.interim()
    if (!release) return null
    const speech = speechNow()
    if (speech.length < WORTH_A_LOOK) {
      release()
      return null
    }
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
    void words.then((text) => {
      if (text && !settling) draft.interim(text)
    })
    look = { heard: speech.length, words }
    return look
  }

  /** Whether the last look heard every word of it. */
  function isEnough({ heard }: Look, { length }: Float32Array): boolean {
    return heard >= length || (look === pauseLook && heard >= length - PAUSE_LACKS)
  }

  return {
    grow(samples, speech) {
      pause.push(samples)
      const isPause = pause.isLikelyEnd()
      if (!isPause) pauseLook = null
      // A look in the pause has heard everything when the stretch ends there: its words are final without another.
      if (looking || !(now() >= nextLook || (isPause && !pauseLook))) return
      const begun = begin(speech)
      if (isPause) pauseLook = begun
    },
    async settle(speech) {
      settling = true
      let text: string | null = null
      try {
        if (look && isEnough(look, speech)) text = await look.words
        if (speech.length > 0) text ??= await recogniser.recognise(speech)
      } catch (error) {
        fail(error)
      }
      await draft.final(text ?? '')
    },
  }
}
