import type { TranscriptsDeps } from './transcripts/deps.ts'
import { createForgetting } from './transcripts/forgetting.ts'
import { createOwnWords } from './transcripts/own-words.ts'
import { createReading } from './transcripts/reading.ts'

export type { OwnWords } from './transcripts/own-words.ts'

export type Transcripts = ReturnType<typeof createTranscripts>

/** What was said in rooms, while it is kept: read by those who were there, forgotten when it is time. */
export function createTranscripts(deps: TranscriptsDeps) {
  return { ...createReading(deps), ...createForgetting(deps), ...createOwnWords(deps) }
}
