import { randomUUID } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AppError } from '../errors.ts'
import type { ParticipantRecord } from '../repositories/participants.ts'
import { cleanMessage } from '../schemas/common.ts'
import type { Participant } from '../schemas/meetings.ts'
import type { Presence } from '../state/presence.ts'
import type { RoomEvent, RoomEvents, TransientEvent } from '../state/room-events.ts'
import type { MeetingAllowance, Payer } from './meeting-allowance.ts'
import { type CaptionMetrics, NO_CAPTION_METRICS } from './metrics/captions.ts'
import { NO_TRACING, type Tracing } from './tracing.ts'
import { baseLanguage, type CaptionText, type Translation } from './translation.ts'

/** What somebody said: typed, recognised by its own client, or by this server. */
export interface Utterance {
  readonly roomId: string
  readonly speaker: ParticipantRecord
  /** 1 to 2,000 characters, safe text. */
  readonly text: string
  /** The BCP 47 tag it was said in; absent: what the speaker speaks. */
  readonly language?: string
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
  translation: Pick<Translation, 'caption' | 'expect' | 'serves'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  toParticipant(record: ParticipantRecord): Participant
  metrics?: CaptionMetrics
  tracing?: Tracing
}

export interface Captions {
  /**
   * Translates once per language somebody present listens to and some engine serves, and sends; keeps what is final. A listener decides
   * what it reads, not what a speaker pays for: languages that nobody serves cost nothing. When the speaker's allowance is used up the
   * caption goes out untranslated. Resolves to what the speaker is to be told, or null. Throws StateUnavailableError.
   */
  say(utterance: Utterance): Promise<AppError | null>
  /**
   * The event for readers of `languages`: a caption also in those of them that nobody was known to listen to when it was said, each
   * translated once. Other events are as they were. One who reads what was said long ago pays for what engines do: what it cannot pay
   * stays untranslated. Never throws.
   */
  complete<E extends RoomEvent | TransientEvent>(event: E, languages: readonly string[], payer?: Payer): Promise<E>
  /** Which of the languages a caption could have a text for and has none, as `baseLanguage` gives them. Nothing for other events. */
  lacked(event: RoomEvent | TransientEvent, languages: Iterable<string>): string[]
}

/** How many captions are remembered for what their next revision adds. */
const REMEMBERED = 5_000

/** Turns what is said in a room into captions. */
export function createCaptions(deps: CaptionsDeps): Captions {
  const { presence, roomEvents, translation, meetingAllowance, toParticipant } = deps
  const { metrics = NO_CAPTION_METRICS, tracing = NO_TRACING } = deps
  const said = new LRUCache<string, string>({ max: REMEMBERED })

  /** How many characters differ from the revision before: an interim that grows is paid for once, one that shrinks for what it takes back. */
  function novelty(key: string | null, text: string, final: boolean): number {
    const before = (key === null ? undefined : said.get(key)) ?? ''
    if (key !== null && final) said.delete(key)
    else if (key !== null) said.set(key, text)
    let same = 0
    while (same < before.length && same < text.length && before[same] === text[same]) same++
    return Math.max(text.length, before.length) - same
  }

  function lacked(event: RoomEvent | TransientEvent, languages: Iterable<string>): string[] {
    if (event.type !== 'caption') return []
    const { texts, source_language } = event as unknown as Kept
    return [...new Set([...languages].map(baseLanguage))].filter(
      (language) => !Object.hasOwn(texts, language) && translation.serves(source_language, language),
    )
  }

  /** Keeps it, or only sends it; whoever delivers it is told to which trace it belongs. */
  function publish(roomId: string, event: { type: string; final: boolean }, floor: number): Promise<void> {
    const name = event.final ? 'caption append' : 'caption send'
    return tracing.run(name, { kind: 'producer' }, async () => {
      const trace = tracing.traceparent()
      const told = trace === undefined ? event : { ...event, trace }
      if (event.final) await roomEvents.append(roomId, told, floor)
      else await roomEvents.send(roomId, told)
    })
  }

  async function say(utterance: Utterance): Promise<AppError | null> {
    const { roomId, speaker, id, text: raw, final, revision, floor, language } = utterance
    const started = performance.now()
    const text = cleanMessage(raw)
    const source = language ?? speaker.speaking_language
    // `es` serves every Spanish; the frame of each listener is made from it.
    const listened = new Set((await presence.listening(roomId)).map(baseLanguage))
    const others = [...listened].filter((target) => translation.serves(source, target))
    const targets = [baseLanguage(source), ...others]
    const added = novelty(id === undefined ? null : `${roomId}:${speaker.id}:${id}`, text, final)
    const charged = meetingAllowance.charge(speaker, 'characters', added * others.length)
    // Both in one round trip.
    if (final) translation.expect({ text, source, targets: others })
    const { allowed, tell } = await charged
    const texts = allowed
      ? await translation.caption({ text, source, targets, room: roomId, passing: !final })
      : untranslated(text, baseLanguage(source), targets)
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
    await publish(roomId, event, floor)
    metrics.sent(final ? 'final' : 'interim', texts, (performance.now() - started) / 1000)
    return tell
  }

  return {
    lacked,

    say: (utterance) =>
      tracing.run('caption', { attributes: { 'fluentmeet.final': utterance.final } }, () => say(utterance)),

    async complete(event, languages, payer) {
      const targets = lacked(event, languages)
      if (targets.length === 0) return event
      const { source_text: text, source_language: source, texts } = event as typeof event & Kept
      const pay = async (): Promise<boolean> =>
        !payer || (await meetingAllowance.charge(payer, 'characters', text.length)).allowed
      const request = { text, source, targets, ...(payer ? { pay } : {}) }
      return { ...event, texts: { ...texts, ...(await translation.caption(request)) } }
    },
  }
}

/** Said in each language, so that nobody completes it. */
function untranslated(text: string, source: string, targets: readonly string[]): Record<string, CaptionText> {
  return Object.fromEntries(
    targets.map((target) => [target, { text, status: target === source ? 'original' : 'untranslated' }]),
  )
}
