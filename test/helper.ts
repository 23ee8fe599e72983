import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp, type Overrides } from '../app.ts'
import type { Config } from '../config.ts'
import { createLogger } from '../logger.ts'
import type { State } from '../state/state.ts'
import { dataFolder } from './support/data-folder.ts'
import { requireDescribedErrors } from './support/described-errors.ts'
import { openRedisState } from './support/states.ts'

/** Settings for a test: development, embedded, silent. */
export function testConfig(overrides: Partial<Config> = {}): Config {
  return Object.freeze({
    environment: 'development',
    host: '127.0.0.1',
    port: 0,
    publicUrl: 'http://localhost:3000',
    dataDir: join(tmpdir(), 'fluentmeet-test-data'),
    databaseUrl: null,
    redisUrl: null,
    secretKey: 'test-key-test-key-test-key-test-key-test-key',
    secretKeyPrevious: null,
    accessTokenTtlSeconds: 900,
    refreshTokenIdleDays: 7,
    refreshTokenAbsoluteDays: 30,
    requireEmailVerification: false,
    allowedOrigins: ['*'],
    allowedHosts: [],
    trustedProxies: [],
    forceHttps: false,
    maxRequestSize: 1_048_576,
    maxAudioSizeMb: 10,
    rateLimitAuthPerMinute: 10,
    rateLimitPipelinePerMinute: 30,
    rateLimitDefaultPerMinute: 300,
    rateLimitOnRedisFailure: 'local',
    expectedProcesses: 1,
    maxSocketsPerUser: 5,
    voteConsumer: 'inside',
    modelsDir: join(import.meta.dirname, '..', 'models'),
    sttEngine: 'none',
    sttUrl: null,
    sttKey: null,
    sttModel: null,
    sttFallback: 'none',
    sttFallbackUrl: null,
    sttFallbackKey: null,
    sttFallbackModel: null,
    translateEngine: 'embedded',
    translateUrl: null,
    translateKey: null,
    translateModel: null,
    translateFallback: 'none',
    translateFallbackUrl: null,
    translateFallbackKey: null,
    translateFallbackModel: null,
    ttsEngine: 'none',
    ttsUrl: null,
    ttsKey: null,
    ttsModel: null,
    ttsVoice: null,
    ttsFallback: 'none',
    ttsFallbackUrl: null,
    ttsFallbackKey: null,
    ttsFallbackModel: null,
    allowanceAudioMinutesPerDay: 240,
    allowanceCharactersPerDay: 500_000,
    lockoutFailures: 5,
    lockoutSeconds: 900,
    smtpUrl: null,
    mailFrom: 'FluentMeet <no-reply@localhost>',
    logLevel: 'silent',
    metricsToken: null,
    metricsHost: '127.0.0.1',
    metricsPort: 0,
    otelExporterOtlpEndpoint: null,
    otelExporterOtlpHeaders: null,
    otelServiceName: 'fluentmeet',
    otelTracesSampler: 'parentbased_always_on',
    otelTracesSamplerArg: null,
    ...overrides,
  } satisfies Config)
}

/** Where an app keeps what it shares: the embedded default, or a Redis and a PostgreSQL of its own. */
export interface Backend {
  open(t: Test): Promise<{ redisUrl: string | null; databaseUrl: string | null }>
}

export interface TestAppOptions {
  config?: Partial<Config>
  overrides?: Partial<Overrides>
  backend?: Backend
}

/** Builds the app as in production, with a data folder of its own; closed and removed on teardown. */
export async function buildTestApp(t: Test, options: TestAppOptions = {}): Promise<FastifyInstance> {
  const { config = {}, overrides = {}, backend } = options
  const dataDir = dataFolder(t)
  const urls = backend ? await backend.open(t) : {}
  const settings = testConfig({ ...urls, ...config, dataDir })
  const state = settings.redisUrl && backend ? { state: await patientState(t, settings, settings.redisUrl) } : {}
  const extend: Overrides['extend'] = async (app) => {
    requireDescribedErrors(t, app)
    await overrides.extend?.(app)
  }
  const app = await buildApp(settings, { translator: null, ...state, ...overrides, extend })
  // Teardowns run last in, first out: the app goes before its folder and its backends.
  t.teardown(() => app.close())
  return app
}

/** The state in Redis as the app opens it, but with a budget that a loaded machine keeps: within 50 ms it would be an outage at times. */
function patientState(t: Test, settings: Config, redisUrl: string): Promise<State> {
  return openRedisState(t, redisUrl, {
    limiter: { onFailure: settings.rateLimitOnRedisFailure, expectedProcesses: settings.expectedProcesses },
    failures: { max: settings.lockoutFailures, windowMs: settings.lockoutSeconds * 1000 },
  })
}

/** A logger whose lines a test can read, as text and as objects. */
export function captureLog() {
  const lines: string[] = []
  const logger = createLogger({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
  return {
    logger,
    lines,
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    of: (event: string) => lines.map((line) => JSON.parse(line)).filter((line) => line.event === event),
  }
}
