import type { TranscriptCaption, TranscriptFormat } from '../../schemas/transcripts.ts'
import { json } from './formats/json.ts'
import { srt } from './formats/srt.ts'
import { txt } from './formats/txt.ts'
import { vtt } from './formats/vtt.ts'

/** What a transcript is of. */
export interface TranscriptAbout {
  room: { room_code: string; name: string }
  /** Null: everything as it was said. */
  language: string | null
}

/** A way to write a transcript down, a caption at a time. Text and names are other people's: neither can end a caption or become markup. */
export interface Format {
  readonly contentType: string
  head(about: TranscriptAbout): string
  /** `index` counts from 0. */
  caption(caption: TranscriptCaption, index: number): string
  readonly tail: string
}

export const FORMATS: Readonly<Record<TranscriptFormat, Format>> = { vtt, srt, txt, json }
