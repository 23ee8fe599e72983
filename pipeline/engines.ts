import { type EngineSettings, engineSettings } from '../config/engines.ts'
import type { Config } from '../config.ts'
import { createDeepgram } from './deepgram/transcriber.ts'
import { createDeepL } from './deepl/translator.ts'
import { createLibreTranslate } from './libretranslate/translator.ts'
import { createOpenAiSynthesizer } from './openai/synthesizer.ts'
import { createOpenAiTranscriber } from './openai/transcriber.ts'
import { createOpenAiTranslator } from './openai/translator.ts'
import type { Synthesizer } from './synthesizer.ts'
import type { Transcriber } from './transcriber.ts'
import type { Translator } from './translator.ts'

/** The engines of each stage: the primary first, then its fallback. */
export interface Engines {
  readonly transcribers: readonly Transcriber[]
  readonly translators: readonly Translator[]
  readonly synthesizers: readonly Synthesizer[]
}

/** What runs on this machine; null where it is not installed. */
export interface EmbeddedEngines {
  transcriber(): Transcriber | null
  translator(): Translator | null
  synthesizer(): Synthesizer | null
}

export interface EngineLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** The engines that the settings choose. One that is `embedded` in both places runs once. */
export function createEngines(config: Config, log: EngineLog, embedded: EmbeddedEngines): Engines {
  return {
    transcribers: chosen(config, 'stt', embedded.transcriber, (kind, options) =>
      kind === 'deepgram'
        ? createDeepgram({ ...options, key: required(options.key) })
        : createOpenAiTranscriber({ ...options, url: required(options.url) }),
    ),
    translators: chosen<Translator>(config, 'translate', embedded.translator, (kind, options) => {
      if (kind === 'deepl') return createDeepL({ ...options, key: required(options.key), log })
      if (kind === 'libretranslate') return createLibreTranslate({ ...options, url: required(options.url), log })
      return createOpenAiTranslator({ ...options, url: required(options.url), model: required(options.model) })
    }),
    synthesizers: chosen(config, 'tts', embedded.synthesizer, (_kind, options) =>
      createOpenAiSynthesizer({ ...options, url: required(options.url), voice: config.ttsVoice }),
    ),
  }
}

type ProviderSettings = Omit<EngineSettings, 'kind'> & { name: string }

/** What config/engines.ts asked for at the start. */
function required(setting: string | null): string {
  if (setting === null) throw new TypeError('a provider without what it needs')
  return setting
}

function chosen<E extends { readonly name: string }>(
  config: Config,
  stage: 'stt' | 'translate' | 'tts',
  embedded: () => E | null,
  provider: (kind: string, options: ProviderSettings) => E,
): E[] {
  const engines: E[] = []
  const kinds: string[] = []
  for (const slot of ['Engine', 'Fallback'] as const) {
    const { kind, ...options } = engineSettings(config, stage, slot)
    if (kind === 'none' || (kind === 'embedded' && kinds.includes(kind))) continue
    // Two of a kind are told apart by name.
    const name = kinds.includes(kind) ? `${kind}-fallback` : kind
    kinds.push(kind)
    const engine = kind === 'embedded' ? embedded() : provider(kind, { ...options, name })
    if (engine) engines.push(engine)
  }
  return engines
}
