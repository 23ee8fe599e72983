import type { TranscriptCaption } from '../../schemas/transcripts.ts'
import type { ShownCaption } from './translating.ts'

/** How fast captions are read, and the least and the most that one stays. */
const CHARACTERS_A_SECOND = 15
const LEAST_S = 2
const MOST_S = 10

/** Places captions, given oldest first, on a time line that begins with the first of them. */
export function createTiming() {
  let start: number | null = null

  return ({ record, shown }: ShownCaption): TranscriptCaption => {
    start ??= record.at.getTime()
    const start_s = Math.max(0, record.at.getTime() - start) / 1000
    const reading = Math.min(MOST_S, Math.max(LEAST_S, shown.text.length / CHARACTERS_A_SECOND))
    return {
      id: record.caption_id,
      at: record.at.toISOString(),
      start_s,
      end_s: Math.round((start_s + reading) * 1000) / 1000,
      speaker: { id: record.participant_id, display_name: record.speaker_name },
      language: shown.language,
      text: shown.text,
      source_language: record.language,
      source_text: record.text,
      status: shown.status,
      ...(shown.engine === undefined ? {} : { engine: shown.engine }),
    }
  }
}
