import type { AppError } from '../../errors.ts'
import type { MeetingAllowance, Payer } from '../meeting-allowance.ts'
import type { Transcription } from '../transcription.ts'

const SAMPLE_RATE = 16_000

/** The engine as one stretch of speech uses it: each second is charged once, however often it is looked at. */
export interface Recogniser {
  /** The words; null when the speaker's allowance is used up. Throws UNPROCESSABLE and PROVIDER_UNAVAILABLE. */
  recognise(speech: Float32Array): Promise<string | null>
  /** Charges so many samples from the beginning of the stretch. False: the engine is not to be used. */
  charge(samples: number): Promise<boolean>
}

export function createRecogniser(deps: {
  transcription: Pick<Transcription, 'transcribe'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  speaker: Payer
  language: string
  roomId: string
  signal: AbortSignal
  tell(error: AppError): void
}): Recogniser {
  const { transcription, meetingAllowance, speaker, language, roomId, signal, tell } = deps
  let charged = 0
  let refused = false

  async function charge(samples: number): Promise<boolean> {
    if (refused || samples <= charged) return !refused
    const seconds = (samples - charged) / SAMPLE_RATE
    charged = samples
    const answer = await meetingAllowance.charge(speaker, 'audio_seconds', seconds)
    refused ||= !answer.allowed
    if (answer.tell) tell(answer.tell)
    return !refused
  }

  return {
    charge,
    async recognise(speech) {
      if (!(await charge(speech.length))) return null
      return (await transcription.transcribe({ samples: speech, language, room: roomId, signal })).text
    },
  }
}
