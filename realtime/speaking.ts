import { LRUCache } from 'lru-cache'
import type { MeetingAllowance } from '../services/meeting-allowance.ts'
import type { SpeechOut } from '../services/speech-out.ts'
import { baseLanguage, type CaptionText } from '../services/translation.ts'
import { createChains } from './chains.ts'
import type { Connection } from './connection.ts'
import type { AnyEvent } from './frames.ts'
import { MAX_WAITING_CAPTIONS, SPEECH_LATE_MS } from './limits.ts'
import type { Room } from './room.ts'

/** The final captions of rooms as speech, for those who asked for it: what one hears counts for one's own allowance. */
export interface Speaking {
  /** Takes an event that was delivered. */
  speak(room: Room, event: AnyEvent): void
}

/** How many captions are remembered as spoken: a revised one is not spoken again. */
const REMEMBERED = 5_000

export function createSpeaking(deps: {
  speechOut: SpeechOut
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  now?: () => number
}): Speaking {
  const { speechOut, meetingAllowance, now = () => performance.now() } = deps
  const chains = createChains(MAX_WAITING_CAPTIONS)
  const spoken = new LRUCache<string, true>({ max: REMEMBERED })

  /** Whether the listener pays for so many characters. */
  async function pays(connection: Connection, characters: number): Promise<boolean> {
    const { allowed, tell } = await meetingAllowance.charge(connection.participant, 'characters', characters)
    if (tell) connection.error(tell.code, tell.message)
    return allowed
  }

  async function payers(language: string, text: string, room: Room, speaker: string): Promise<Set<Connection>> {
    const paying = new Set<Connection>()
    const all = [...listeners(room, speaker)].filter(
      ({ participant }) => baseLanguage(participant.listening_language) === language,
    )
    await Promise.all(all.map(async (each) => (await pays(each, text.length)) && paying.add(each)))
    return paying
  }

  /** The sound, and who hears it; null when nobody does. Never throws. */
  async function make(language: string, text: string, room: Room, speaker: string) {
    const signal = AbortSignal.timeout(SPEECH_LATE_MS)
    const paying = await payers(language, text, room, speaker)
    const speech = paying.size > 0 ? await speechOut.speak({ text, language, room: room.record.id, signal }) : null
    return speech && { speech, paying }
  }

  function speakIn(language: string, text: string, room: Room, event: AnyEvent): void {
    const arrived = now()
    const speaker = speakerOf(event)
    let making: ReturnType<typeof make> = Promise.resolve(null)
    // Made side by side, and told in order.
    const queued = chains.push(`${room.record.id}:${speaker}:${language}`, async () => {
      const made = await making
      if (!made || now() - arrived > SPEECH_LATE_MS) return
      const sound = { captionId: String(event.id), language, ...made.speech }
      for (const connection of listeners(room, speaker)) if (made.paying.has(connection)) connection.player.play(sound)
    })
    if (queued) making = make(language, text, room, speaker)
  }

  return {
    speak(room, event) {
      if (event.type !== 'caption' || event.final !== true) return
      const languages = new Set<string>()
      for (const { participant } of listeners(room, speakerOf(event)))
        languages.add(baseLanguage(participant.listening_language))
      const key = `${room.record.id}:${String(event.id)}`
      if (languages.size === 0 || spoken.has(key)) return
      spoken.set(key, true)
      for (const language of languages) {
        const text = textIn(language, event)
        if (text !== null && speechOut.serves(language)) speakIn(language, text, room, event)
      }
    },
  }
}

function speakerOf(event: AnyEvent): string {
  return (event.speaker as { id: string }).id
}

/** Those of a room who want to hear somebody. */
function* listeners({ connections }: Room, speaker: string): Iterable<Connection> {
  for (const connection of connections) {
    const { inside, closing, participant } = connection
    if (inside && !closing && participant.spoken_output && participant.id !== speaker) yield connection
  }
}

/** What the caption says in a language; null when it was not translated to it: nobody reads French aloud in Spanish. */
function textIn(language: string, event: AnyEvent): string | null {
  if (baseLanguage(String(event.source_language)) === language) return String(event.source_text)
  const texts = event.texts as Record<string, CaptionText>
  const entry = Object.hasOwn(texts, language) ? texts[language] : undefined
  return entry?.status === 'translated' ? entry.text : null
}
