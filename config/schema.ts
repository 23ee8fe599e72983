import { type Static, Type } from '@sinclair/typebox'
import type { Shape } from './shapes.ts'

/** What every setting says of itself beside its type: how its text is read, and whether it may be shown. */
export interface SettingOptions {
  /** The check a text (or each entry of a list) must pass. */
  shape?: Shape
  /** A secret is masked wherever settings are shown, and may come from a file named by `X_FILE`. */
  secret?: boolean
}

export type SettingKind = 'text' | 'optional' | 'integer' | 'flag' | 'choice' | 'list'

const text = (options: SettingOptions & { default?: string }) => Type.String({ kind: 'text', ...options })
const optional = (options: SettingOptions) =>
  Type.Union([Type.String(), Type.Null()], { kind: 'optional', default: null, ...options })
const integer = (minimum: number, maximum: number, value: number) =>
  Type.Integer({ kind: 'integer', minimum, maximum, default: value })
const flag = (value?: boolean) => Type.Boolean({ kind: 'flag', ...(value === undefined ? {} : { default: value }) })
const list = (shape: Shape, value?: string[]) =>
  Type.Array(Type.String(), { kind: 'list', shape, ...(value === undefined ? {} : { default: value }) })
const choice = <const T extends string[]>(values: T, value: T[number]) =>
  Type.Unsafe<T[number]>(
    Type.Union(
      values.map((name) => Type.Literal(name)),
      { kind: 'choice', values, default: value },
    ),
  )

const MINUTE_LIMIT = 100_000

/**
 * The settings of one process. The environment variable of `publicUrl` is `PUBLIC_URL`, and so on for each.
 * A setting without a default here has one that depends on the environment (`config/defaults.ts`).
 */
export const ConfigSchema = Type.Object(
  {
    environment: choice(['development', 'staging', 'production'], 'development'),
    host: text({ shape: 'host', default: '127.0.0.1' }),
    port: integer(0, 65_535, 3000),
    publicUrl: text({ shape: 'public-url' }),
    dataDir: text({ shape: 'path', default: './data' }),
    databaseUrl: optional({ shape: 'database-url', secret: true }),
    redisUrl: optional({ shape: 'redis-url', secret: true }),
    secretKey: text({ secret: true }),
    secretKeyPrevious: optional({ secret: true }),
    accessTokenTtlSeconds: integer(30, 86_400, 900),
    refreshTokenIdleDays: integer(1, 365, 7),
    refreshTokenAbsoluteDays: integer(1, 365, 30),
    requireEmailVerification: flag(),
    allowedOrigins: list('origin'),
    allowedHosts: list('host-and-port', []),
    trustedProxies: list('proxy', []),
    forceHttps: flag(false),
    maxRequestSize: integer(1024, 104_857_600, 1_048_576),
    maxAudioSizeMb: integer(1, 1024, 10),
    rateLimitAuthPerMinute: integer(1, MINUTE_LIMIT, 10),
    rateLimitPipelinePerMinute: integer(1, MINUTE_LIMIT, 30),
    rateLimitDefaultPerMinute: integer(1, MINUTE_LIMIT, 300),
    rateLimitOnRedisFailure: choice(['local', 'open', 'closed'], 'local'),
    expectedProcesses: integer(1, 1000, 1),
    maxSocketsPerUser: integer(1, 1000, 5),
    voteConsumer: choice(['inside', 'off'], 'inside'),
    modelsDir: text({ shape: 'path', default: './models' }),
    sttEngine: choice(['embedded', 'openai', 'deepgram', 'none'], 'embedded'),
    sttUrl: optional({ shape: 'engine-url' }),
    sttKey: optional({ secret: true }),
    sttModel: optional({ shape: 'model' }),
    sttFallback: choice(['embedded', 'openai', 'deepgram', 'none'], 'none'),
    sttFallbackUrl: optional({ shape: 'engine-url' }),
    sttFallbackKey: optional({ secret: true }),
    sttFallbackModel: optional({ shape: 'model' }),
    translateEngine: choice(['embedded', 'openai', 'libretranslate', 'deepl', 'none'], 'embedded'),
    translateUrl: optional({ shape: 'engine-url' }),
    translateKey: optional({ secret: true }),
    translateModel: optional({ shape: 'model' }),
    translateFallback: choice(['embedded', 'openai', 'libretranslate', 'deepl', 'none'], 'none'),
    translateFallbackUrl: optional({ shape: 'engine-url' }),
    translateFallbackKey: optional({ secret: true }),
    translateFallbackModel: optional({ shape: 'model' }),
    ttsEngine: choice(['embedded', 'openai', 'none'], 'embedded'),
    ttsUrl: optional({ shape: 'engine-url' }),
    ttsKey: optional({ secret: true }),
    ttsModel: optional({ shape: 'model' }),
    ttsVoice: optional({ shape: 'model' }),
    ttsFallback: choice(['embedded', 'openai', 'none'], 'none'),
    ttsFallbackUrl: optional({ shape: 'engine-url' }),
    ttsFallbackKey: optional({ secret: true }),
    ttsFallbackModel: optional({ shape: 'model' }),
    allowanceAudioMinutesPerDay: integer(0, 1_000_000, 240),
    allowanceCharactersPerDay: integer(0, 1_000_000_000, 500_000),
    lockoutFailures: integer(1, 1000, 5),
    lockoutSeconds: integer(1, 86_400, 900),
    smtpUrl: optional({ shape: 'smtp-url', secret: true }),
    mailFrom: text({ shape: 'mailbox' }),
    logLevel: choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'info'),
    metricsToken: optional({ secret: true }),
    metricsHost: text({ shape: 'host', default: '127.0.0.1' }),
    metricsPort: integer(0, 65_535, 0),
    otelExporterOtlpEndpoint: optional({ shape: 'engine-url' }),
    otelExporterOtlpHeaders: optional({ shape: 'http-headers', secret: true }),
    otelServiceName: text({ shape: 'model', default: 'fluentmeet' }),
    otelTracesSampler: choice(
      [
        'always_on',
        'always_off',
        'traceidratio',
        'parentbased_always_on',
        'parentbased_always_off',
        'parentbased_traceidratio',
      ],
      'parentbased_always_on',
    ),
    otelTracesSamplerArg: optional({ shape: 'ratio' }),
  },
  { additionalProperties: false },
)

type Mutable = Static<typeof ConfigSchema>

/** The frozen settings of one process. `.env.example` says what each means. */
export type Config = {
  readonly [K in keyof Mutable]: Mutable[K] extends readonly (infer T)[] ? readonly T[] : Mutable[K]
}

export type SettingKey = keyof Config

/** One setting as the table above describes it. */
export interface Setting extends SettingOptions {
  key: SettingKey
  /** Its environment variable. */
  name: string
  kind: SettingKind
  default?: unknown
  minimum?: number
  maximum?: number
  values?: readonly string[]
}

/** `maxAudioSizeMb` -> `MAX_AUDIO_SIZE_MB`. */
export function environmentName(key: SettingKey): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** Every setting, in the order in which it is documented. */
export function settings(): Setting[] {
  return Object.entries(ConfigSchema.properties).map(([key, schema]) => {
    const described = schema as unknown as Omit<Setting, 'key' | 'name'>
    return { ...described, key: key as SettingKey, name: environmentName(key as SettingKey) }
  })
}
