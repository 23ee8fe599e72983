import { AppError } from '../errors.ts'
import { baseLanguage } from '../pipeline/languages.ts'
import type { VoiceActivity } from '../pipeline/voice-activity.ts'
import type { MeetingAllowance, Payer } from './meeting-allowance.ts'
import { createDraft, type HeardCaption } from './speech-in/draft.ts'
import { createListening, type Listening } from './speech-in/listening.ts'
import { createPiecewise } from './speech-in/piecewise.ts'
import { createRecogniser } from './speech-in/recogniser.ts'
import { createStreamed } from './speech-in/streamed.ts'
import { createTurns, type Turns } from './speech-in/turns.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'
import type { Transcription } from './transcription.ts'

export type { HeardCaption, Listening }

export interface SpeechInDeps {
  transcription: Pick<Transcription, 'transcribe' | 'stream' | 'languages'>
  /** Tells speech from silence; null where it is not installed: nobody is heard. */
  voiceActivity: (() => VoiceActivity) | null
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  turns?: Turns
  tracing?: Tracing
  now?: () => number
}

export interface ListenRequest {
  readonly roomId: string
  readonly speaker: Payer
  /** The BCP 47 tag that is spoken now; asked for each stretch of speech. */
  language(): string
  /** Resolves when the caption is sent, or cannot be. Never rejects. */
  send(caption: HeardCaption): Promise<void>
  /** What the speaker is to be told. */
  fail(error: AppError): void
  /** What waits is dropped when it aborts. */
  signal: AbortSignal
}

/** Spoken words of meetings, as captions. */
export interface SpeechIn {
  /** Throws UNPROCESSABLE when nothing here recognises the language. Several speakers at once are each heard by themselves. */
  listen(request: ListenRequest): Listening
}

/** The same trouble is told once in so long. */
const TELL_EVERY_MS = 60_000

export function createSpeechIn(deps: SpeechInDeps): SpeechIn {
  const { transcription, voiceActivity, meetingAllowance, turns = createTurns(), now = Date.now } = deps
  const { tracing = NO_TRACING } = deps

  function listen({ roomId, speaker, language: tagNow, send, fail: tell, signal }: ListenRequest): Listening {
    const { languages } = transcription.languages()
    if (voiceActivity === null || !languages.includes(baseLanguage(tagNow())))
      throw new AppError('UNPROCESSABLE', `No engine here recognises ${tagNow()}.`)
    const told = new Map<string, number>()

    function fail(error: unknown): void {
      if (signal.aborted) return
      const shown = error instanceof AppError ? error : new AppError('PROVIDER_UNAVAILABLE')
      if (now() - (told.get(shown.code) ?? Number.NEGATIVE_INFINITY) < TELL_EVERY_MS) return
      told.set(shown.code, now())
      tell(shown)
    }

    function begin() {
      if (signal.aborted) return null
      const language = tagNow()
      const draft = createDraft({ language, send, now })
      const common = { meetingAllowance, speaker, language, roomId, signal, tell, transcription }
      const recogniser = createRecogniser(common)
      const parts = { recogniser, draft, fail }
      return createStreamed({ ...common, ...parts }) ?? createPiecewise({ ...parts, turns, now })
    }

    return createListening({ activity: voiceActivity(), begin, turns, tracing, fail })
  }

  return { listen }
}
