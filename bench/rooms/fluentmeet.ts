import type { AddressInfo } from 'node:net'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { createLogger, openLogOutput } from '../../logger.ts'
import { anyPairOf, type Translator } from '../../pipeline/translator.ts'
import { LANGUAGES } from './languages.ts'
import type { RoomSideOptions } from './sides.ts'

/** The whole server as in production; translations come at once, so that what is measured is the room. */
export async function start({ redisUrl, databaseUrl, secret }: RoomSideOptions): Promise<number> {
  const config = loadConfig({
    ENVIRONMENT: 'production',
    PUBLIC_URL: 'https://bench.example.org',
    ALLOWED_ORIGINS: 'https://bench.example.org',
    REQUIRE_EMAIL_VERIFICATION: 'false',
    SECRET_KEY: secret,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    RATE_LIMIT_DEFAULT_PER_MINUTE: '100000',
    STT_ENGINE: 'none',
    TTS_ENGINE: 'none',
    TRANSLATE_ENGINE: 'none',
  })
  const app = await buildApp(config, { translator: instant(), logger: createLogger(config, openLogOutput()) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

function instant(): Translator {
  const pairs = anyPairOf(LANGUAGES, LANGUAGES, 'instant')
  return {
    name: 'instant',
    pairs: () => pairs,
    translate: async ({ text, target }) => ({ text: `${target} ${text}`, engine: 'instant' }),
    close: async () => undefined,
  }
}
