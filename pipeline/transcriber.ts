/** What was said between two times, in seconds from the beginning of the recording. */
export interface TranscriptSegment {
  start_s: number
  end_s: number
  text: string
}

export interface TranscriberAnswer {
  /** The texts of all segments, joined with spaces; empty when nobody speaks. */
  text: string
  /** ISO 639-1: the one asked for, or the one found. */
  language: string
  segments: TranscriptSegment[]
  /** Which engine served, for people to see. */
  engine: string
}

export interface TranscriberRequest {
  /** 16 kHz mono, -1 to 1. */
  samples: Float32Array
  /** ISO 639-1; absent: detect where the engine can. */
  language?: string
  /** Work that waits is dropped when it aborts. */
  signal?: AbortSignal
}

/** One speech-to-text engine: an adapter of the transcription stage. */
export interface Transcriber {
  readonly name: string
  /** ISO 639-1 codes it serves; a provider that serves what it likes lists the usual ones. */
  languages(): readonly string[]
  /** Rejects when the language is not in `languages()`, when the engine fails, and when `signal` aborts. */
  transcribe(request: TranscriberRequest): Promise<TranscriberAnswer>
  /** Only engines that take speech as it comes: words while somebody speaks. */
  stream?(request: TranscriberStreamRequest): TranscriberStream
  /** Ends what the engine runs. Requests in flight are rejected. */
  close(): Promise<void>
}

export interface TranscriberStreamRequest {
  /** ISO 639-1. */
  language: string
  onInterim(text: string): void
  onFinal(text: string): void
  onError(error: unknown): void
}

export interface TranscriberStream {
  /** 16 kHz mono, -1 to 1. */
  push(samples: Float32Array): void
  /** Resolves after the last onFinal. */
  finish(): Promise<void>
  abort(): void
}
