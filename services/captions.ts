import { randomUUID } from 'node:crypto'
import type { ParticipantRecord } from '../repositories/participants.ts'
import { cleanMessage } from '../schemas/common.ts'
import type { Participant } from '../schemas/meetings.ts'
import type { Presence } from '../state/presence.ts'
import type { RoomEvent, RoomEvents, TransientEvent } from '../state/room-events.ts'
import { baseLanguage, type CaptionText, type Translation } from './translation.ts'

/** What somebody said: typed, or recognised by its own client. */
export interface Utterance {
  readonly roomId: string
  readonly speaker: ParticipantRecord
  /** 1 to 2,000 characters, safe text. */
  readonly text: string
  /** The client's own id of the caption; one is made when it gave none. */
  readonly id: string | undefined
  readonly final: boolean
  readonly revision: number
  /** The last number of the room's events that this process saw. */
  readonly floor: number
}

/** What a kept caption holds. */
interface Kept {
  readonly source_text: string
  readonly source_language: string
  readonly texts: Readonly<Record<string, CaptionText>>
}

export interface CaptionsDeps {
  presence: Pick<Presence, 'listening'>
  roomEvents: Pick<RoomEvents, 'append' | 'send'>
  translation: Pick<Translation, 'caption'>
  toParticipant(record: ParticipantRecord): Participant
}

export interface Captions {
  /** Translates once per language somebody present listens to, and sends; keeps what is final. Throws StateUnavailableError. */
  say(utterance: Utterance): Promise<void>
  /**
   * The event for readers of `languages`: a caption also in those of them that nobody was known to listen to when it was said, each
   * translated once. Other events are as they were. Never throws.
   */
  complete<E extends RoomEvent | TransientEvent>(event: E, languages: readonly string[]): Promise<E>
}

/** Which of the languages a caption has no text for, as `baseLanguage` gives them. Nothing for other events. */
export function lackedBy(event: RoomEvent | TransientEvent, languages: Iterable<string>): string[] {
  if (event.type !== 'caption') return []
  const { texts } = event as unknown as Kept
  return [...new Set([...languages].map(baseLanguage))].filter((language) => !Object.hasOwn(texts, language))
}

/** Turns what is said in a room into captions. */
export function createCaptions({ presence, roomEvents, translation, toParticipant }: CaptionsDeps): Captions {
  return {
    async say({ roomId, speaker, id, text: raw, final, revision, floor }) {
      const text = cleanMessage(raw)
      const source = speaker.speaking_language
      // `es` serves every Spanish; the frame of each listener is made from it.
      const listened = [source, ...(await presence.listening(roomId))].map(baseLanguage)
      const targets = [...new Set(listened)]
      const texts = await translation.caption({ text, source, targets })
      const event = {
        type: 'caption',
        id: id ?? randomUUID(),
        revision,
        final,
        speaker: toParticipant(speaker),
        source_text: text,
        source_language: source,
        texts,
      }
      if (final) await roomEvents.append(roomId, event, floor)
      else await roomEvents.send(roomId, event)
    },

    async complete(event, languages) {
      const targets = lackedBy(event, languages)
      if (targets.length === 0) return event
      const { source_text: text, source_language: source, texts } = event as typeof event & Kept
      return { ...event, texts: { ...texts, ...(await translation.caption({ text, source, targets })) } }
    },
  }
}
