import type { AddressInfo } from 'node:net'
import { buildApp, type Overrides } from '../app.ts'
import { loadConfig } from '../config.ts'
import { openLogOutput } from '../log-output.ts'
import { createLogger } from '../logger.ts'

export interface ServerOptions {
  readonly redisUrl: string
  readonly databaseUrl: string
  readonly secret: string
  readonly settings?: Readonly<Record<string, string>>
}

/** Starts the whole server as in production, but for the engines, and says at which port of the loopback. */
export async function startServer(options: ServerOptions, overrides: Partial<Overrides>): Promise<number> {
  const config = loadConfig({
    ENVIRONMENT: 'production',
    PUBLIC_URL: 'https://bench.example.org',
    ALLOWED_ORIGINS: 'https://bench.example.org',
    REQUIRE_EMAIL_VERIFICATION: 'false',
    SECRET_KEY: options.secret,
    REDIS_URL: options.redisUrl,
    DATABASE_URL: options.databaseUrl,
    STT_ENGINE: 'none',
    TTS_ENGINE: 'none',
    TRANSLATE_ENGINE: 'none',
    ...options.settings,
  })
  const app = await buildApp(config, { logger: createLogger(config, openLogOutput()), ...overrides })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}
