import { isPollEvent, type PollEvent, toShown } from '../services/polls/wire.ts'
import { baseLanguage, type CaptionText } from '../services/translation.ts'
import type { RoomEvent, TransientEvent } from '../state/room-events.ts'
import { textFrame } from './text-frame.ts'

/** Whom an event is for, where it is not for everybody inside: hosts, and participants by id. Never on the wire. */
export interface Addressees {
  readonly hosts?: boolean
  readonly participants?: readonly string[]
}

export type AnyEvent = (RoomEvent | TransientEvent) & { readonly to?: Addressees }

/** Who a frame is for. */
export interface Reader {
  readonly participantId: string
  readonly listening: string
  readonly isHost: boolean
}

/** One event as it is sent: each language's frame is serialised and encoded once, however many read it. */
export interface EventFrames {
  readonly event: AnyEvent
  /** A whole WebSocket frame. */
  for(reader: Reader): Buffer
}

interface CaptionEvent {
  readonly speaker: { readonly id: string }
  readonly source_text: string
  readonly source_language: string
  readonly texts: Readonly<Record<string, CaptionText>>
  /** Where it stands in a trace: for processes, never on the wire. */
  readonly trace?: string
}

/** Frames of an event as it stands in the room's log. */
export function createEventFrames(event: AnyEvent): EventFrames {
  if (isPollEvent(event)) return pollFrames(event)
  if (event.type !== 'caption') {
    let plain: Buffer | undefined
    return {
      event,
      for: () => {
        plain ??= encoded({ ...event, to: undefined })
        return plain
      },
    }
  }
  const caption = event as AnyEvent & CaptionEvent
  const byLanguage = new Map<string, Buffer>()
  return {
    event,
    for(reader) {
      // A speaker reads its own words as they were said.
      const wanted = reader.participantId === caption.speaker.id ? caption.source_language : reader.listening
      const known = byLanguage.get(wanted)
      if (known !== undefined) return known
      const frame = encoded(captionFrame(caption, wanted))
      byLanguage.set(wanted, frame)
      return frame
    },
  }
}

function encoded(frame: object): Buffer {
  return textFrame(JSON.stringify(frame))
}

/** One text for each language, and for hosts, who may see more than others, one more. */
function pollFrames(event: AnyEvent): EventFrames {
  const { poll, texts, tally, tally_for, to: _to, ...rest } = event as AnyEvent & PollEvent
  const known = new Map<string, Buffer>()
  return {
    event,
    for({ listening, isHost }) {
      const language = baseLanguage(listening)
      const key = `${language} ${isHost}`
      const frame =
        known.get(key) ??
        encoded({
          ...rest,
          poll: toShown(poll, texts, language),
          ...(isHost || tally_for === 'everybody' ? { results: tally } : {}),
        })
      known.set(key, frame)
      return frame
    },
  }
}

function captionFrame(event: AnyEvent & CaptionEvent, wanted: string): object {
  const { texts, trace: _trace, ...rest } = event
  const { language, entry } = pick(texts, event, wanted)
  return {
    ...rest,
    text: entry.text,
    // An untranslated text is in the language it was said in, and says so.
    language: entry.status === 'untranslated' ? event.source_language : language,
    status: entry.status,
    ...(entry.engine === undefined ? {} : { engine: entry.engine }),
  }
}

function pick(texts: CaptionEvent['texts'], event: CaptionEvent, wanted: string) {
  const base = baseLanguage(wanted)
  for (const language of [wanted, base]) {
    const entry = Object.hasOwn(texts, language) ? texts[language] : undefined
    if (entry && entry.status !== 'untranslated') return { language, entry }
  }
  const same = baseLanguage(event.source_language) === base
  const entry: CaptionText = { text: event.source_text, status: same ? 'original' : 'untranslated' }
  return { language: event.source_language, entry }
}
