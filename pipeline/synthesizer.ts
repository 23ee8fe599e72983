export interface Speech {
  /** 16-bit little-endian mono PCM, without a header. */
  pcm: Buffer
  /** Samples a second. */
  sample_rate: number
  /** Which engine served, for people to see. */
  engine: string
}

export interface SynthesizerRequest {
  text: string
  /** ISO 639-1, as in `languages()`. */
  language: string
  /** The engine's own name of a voice. */
  voice?: string
  /** Work stops when it aborts. */
  signal?: AbortSignal
}

/** One text-to-speech engine: an adapter of the speech stage. */
export interface Synthesizer {
  readonly name: string
  /** ISO 639-1 codes it serves. */
  languages(): readonly string[]
  /** Rejects when the language is not in `languages()`, when the engine fails, and when `signal` aborts. */
  synthesize(request: SynthesizerRequest): Promise<Speech>
  /** Ends what the engine runs. Requests in flight are rejected. */
  close(): Promise<void>
}
