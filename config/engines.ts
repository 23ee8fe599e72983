import type { Config } from './schema.ts'

type Stage = 'stt' | 'translate' | 'tts'
type Slot = 'Engine' | 'Fallback'

const STAGES: Readonly<Record<Stage, string>> = { stt: 'STT', translate: 'TRANSLATE', tts: 'TTS' }

/** Where an engine is and how it is spoken to. */
export interface EngineSettings {
  readonly kind: string
  readonly url: string | null
  readonly key: string | null
  readonly model: string | null
}

/** The settings of a stage's engine or of its fallback. */
export function engineSettings(config: Partial<Config>, stage: Stage, slot: Slot): EngineSettings {
  const prefix = slot === 'Engine' ? stage : (`${stage}Fallback` as const)
  return {
    kind: config[`${stage}${slot}`] ?? 'none',
    url: config[`${prefix}Url`] ?? null,
    key: config[`${prefix}Key`] ?? null,
    model: config[`${prefix}Model`] ?? null,
  }
}

/** What providers lack to be spoken to, each problem naming its setting. */
export function engineProblems(config: Partial<Config>): string[] {
  return Object.entries(STAGES).flatMap(([stage, name]) =>
    (['Engine', 'Fallback'] as const).flatMap((slot) => {
      const settings = engineSettings(config, stage as Stage, slot)
      const chosen = slot === 'Engine' ? `${name}_ENGINE` : `${name}_FALLBACK`
      const prefix = slot === 'Engine' ? name : `${name}_FALLBACK`
      const missing = missingOf(settings, stage as Stage)
      return [
        ...missing.map((what) => `${prefix}_${what} is required while ${chosen} is ${settings.kind}`),
        ...keyProblems(settings.key).map((problem) => `${prefix}_KEY ${problem}`),
      ]
    }),
  )
}

function missingOf({ kind, url, key, model }: EngineSettings, stage: Stage): string[] {
  const needsUrl = kind === 'openai' || kind === 'libretranslate'
  const isOpenAi = kind === 'openai' && url !== null && URL.parse(url)?.hostname === 'api.openai.com'
  const needsKey = kind === 'deepl' || kind === 'deepgram' || isOpenAi
  const needsModel = kind === 'openai' && stage === 'translate'
  return [
    ...(needsUrl && url === null ? ['URL'] : []),
    ...(needsKey && key === null ? ['KEY'] : []),
    ...(needsModel && model === null ? ['MODEL'] : []),
  ]
}

/** A key is sent in a header: what cannot stand there would fail at each request. */
function keyProblems(key: string | null): string[] {
  return key === null || /^[\x21-\x7e]{1,500}$/.test(key) ? [] : ['must be one word of ASCII']
}
