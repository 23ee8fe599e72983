import type { TranscriberStream } from '../../pipeline/transcriber.ts'
import type { Transcription } from '../transcription.ts'
import type { Draft } from './draft.ts'
import type { Recogniser } from './recogniser.ts'
import type { Stretch } from './stretch.ts'

export interface StreamedDeps {
  transcription: Pick<Transcription, 'stream'>
  language: string
  recogniser: Recogniser
  draft: Draft
  fail(error: unknown): void
  signal: AbortSignal
}

/** Charged in steps of a second. */
const STEP = 16_000

/**
 * A stretch that an engine hears as it comes, with interims and finals of its own. What the engine did not settle when it breaks is
 * recognised as a piece. Null when no engine takes speech as it comes.
 */
export function createStreamed(deps: StreamedDeps): Stretch | null {
  const { transcription, language, recogniser, draft, fail, signal } = deps
  let heard = 0
  /** How much had been heard when the last words were settled. */
  let settled = 0
  let charged = 0
  let isOpen = true
  let isBroken = false
  let sending: Promise<void> = Promise.resolve()

  const onFinal = (text: string): void => {
    settled = heard
    sending = sending.then(() => draft.final(text))
  }
  const onInterim = (text: string): void => draft.interim(text)
  const onError = (): void => {
    isBroken = true
    isOpen = false
  }
  const stream: TranscriberStream | null = transcription.stream({ language, onInterim, onFinal, onError })
  if (!stream) return null

  function stop(): void {
    if (!isOpen) return
    isOpen = false
    stream?.abort()
  }
  signal.addEventListener('abort', stop, { once: true })

  async function charge(): Promise<void> {
    charged = heard
    if (!(await recogniser.charge(heard))) stop()
  }

  return {
    grow(samples) {
      if (!isOpen) return
      heard += samples.length
      if (heard - charged >= STEP) void charge()
      if (isOpen) stream.push(samples)
    },
    async settle(speech) {
      try {
        await charge()
        if (isOpen) await stream.finish().catch(onError)
        await sending
        const rest = isBroken && !signal.aborted ? await recogniser.recognise(speech.slice(settled)) : null
        await draft.final(rest ?? '')
      } catch (error) {
        fail(error)
        await draft.final('')
      } finally {
        stop()
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
