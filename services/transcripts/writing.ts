import type { CaptionRecord } from '../../repositories/captions.ts'
import type { Transaction } from '../../repositories/database.ts'
import type { Speaker, TranscriptRoom } from '../../repositories/transcript-rooms.ts'
import { ERASED_NAME } from '../../repositories/users.ts'
import type { RoomEvent } from '../../state/room-events.ts'
import type { CaptionText } from '../translation.ts'
import { keptSince, type TranscriptsDeps } from './deps.ts'

type Deps = Pick<TranscriptsDeps, 'database' | 'captions' | 'transcriptRooms' | 'now'>

/** A final caption as it stands in the room's log. */
interface CaptionEvent extends RoomEvent {
  readonly id: string
  readonly revision: number
  readonly speaker: { readonly id: string; readonly display_name: string }
  readonly source_text: string
  readonly source_language: string
  readonly texts: Readonly<Record<string, CaptionText>>
}

const isFinalCaption = (event: RoomEvent): event is CaptionEvent => event.type === 'caption' && event.final === true
const keyOf = ({ participant_id, caption_id }: CaptionRecord) => `${participant_id}\n${caption_id}`

/**
 * Writes the final captions among a room's events, if the room keeps any. May be done any number of times, by several at once. Throws
 * DatabaseUnavailableError.
 */
export function createWriting({ database, captions, transcriptRooms, now }: Deps) {
  return async (roomId: string, events: readonly RoomEvent[]): Promise<void> => {
    const said = events.filter(isFinalCaption)
    if (said.length === 0) return
    await database.transaction(async (tx) => {
      const room = await transcriptRooms.hold(roomId, tx)
      if (!room?.enable_transcription || room.retention_days === 0) return
      const ids = [...new Set(said.map(({ speaker }) => speaker.id))]
      const speakers = new Map((await transcriptRooms.holdSpeakers(roomId, ids, tx)).map((found) => [found.id, found]))
      const since = keptSince(room, now())
      const records = said
        .map((event) => recordOf(room, event, speakers.get(event.speaker.id)))
        .filter((record) => record !== null)
        .filter(({ at }) => at >= since)
      await write(roomId, newestRevisions(records), tx)
    })
  }

  /** A revision goes into the place of what it revises. */
  async function write(roomId: string, records: readonly CaptionRecord[], tx: Transaction): Promise<void> {
    const revised = records.filter(({ revision }) => revision > 0)
    const known = await captions.ofSpeakers(
      roomId,
      {
        speakerIds: [...new Set(revised.flatMap(({ participant_id }) => participant_id ?? []))],
        captionIds: revised.map(({ caption_id }) => caption_id),
      },
      tx,
    )
    const first = new Map(known.toReversed().map((record) => [keyOf(record), record]))
    for (const record of revised) {
      const place = first.get(keyOf(record))
      if (place) await captions.revise(roomId, place, record, tx)
    }
    await captions.insert(
      records.filter((record) => !first.has(keyOf(record))),
      tx,
    )
  }
}

/** The row of a caption; null when its speaker's account is gone and the room does not keep such words. */
function recordOf(room: TranscriptRoom, event: CaptionEvent, speaker: Speaker | undefined): CaptionRecord | null {
  const isErased = !speaker || (speaker.user_id === null && speaker.role !== 'guest')
  if (isErased && room.deleted_words === 'remove') return null
  return {
    room_id: room.id,
    at: new Date(event.at),
    seq: event.seq,
    caption_id: event.id,
    revision: event.revision,
    participant_id: speaker?.id ?? null,
    speaker_name: isErased ? ERASED_NAME : event.speaker.display_name,
    language: event.source_language,
    text: event.source_text,
    texts: translationsOf(event.texts),
  }
}

function translationsOf(texts: CaptionEvent['texts']): CaptionRecord['texts'] {
  const translated = Object.entries(texts).filter(([, { status }]) => status === 'translated')
  return Object.fromEntries(
    translated.map(([language, { text, engine }]) => [language, { text, ...(engine ? { engine } : {}) }]),
  )
}

/** One record a caption: in the place of its first, with what its newest revision says. */
function newestRevisions(records: readonly CaptionRecord[]): CaptionRecord[] {
  const newest = new Map<string, CaptionRecord>()
  for (const record of records) {
    const earlier = newest.get(keyOf(record))
    if (!earlier) newest.set(keyOf(record), record)
    else if (record.revision > earlier.revision) {
      const { revision, language, text, texts } = record
      newest.set(keyOf(record), { ...earlier, revision, language, text, texts })
    }
  }
  return [...newest.values()]
}
