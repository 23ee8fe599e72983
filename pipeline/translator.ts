/** One direction an engine serves. Languages are ISO 639-1 codes; `engine` says how, for people to see. */
export interface TranslationPair {
  readonly source: string
  readonly target: string
  /** `apertium`, or with the way taken when it is indirect: `apertium:en-es-fr`. */
  readonly engine: string
}

export interface TranslatorRequest {
  text: string
  /** ISO 639-1, as in `pairs()`. */
  source: string
  target: string
  /** Work stops when it aborts. */
  signal?: AbortSignal
}

export interface TranslatorAnswer {
  text: string
  engine: string
}

/** One translation engine: an adapter of the translation stage. */
export interface Translator {
  readonly name: string
  /** What else its answers depend on, such as the model: another version's translations are not remembered as its own. */
  readonly version?: string
  /** What can be translated now; the same list as long as nothing has changed. */
  pairs(): readonly TranslationPair[]
  /** False while a provider has not said yet what it serves. */
  ready?(): boolean
  /** Rejects when the pair is not in `pairs()`, when the engine fails, and when `signal` aborts. */
  translate(request: TranslatorRequest): Promise<TranslatorAnswer>
  /** Ends what the engine runs. Requests in flight are rejected. */
  close(): Promise<void>
}

/** Every direction between different languages, from each of `sources` to each of `targets`. */
export function anyPairOf(sources: readonly string[], targets: readonly string[], engine: string): TranslationPair[] {
  return sources.flatMap((source) =>
    targets.filter((target) => target !== source).map((target) => ({ source, target, engine })),
  )
}
