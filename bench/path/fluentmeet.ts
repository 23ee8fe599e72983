import type { AddressInfo } from 'node:net'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { buildApp } from '../../app.ts'
import { loadConfig } from '../../config.ts'
import { createLogger, openLogOutput } from '../../logger.ts'
import { userOf } from '../../plugins/authentication.ts'
import { LanguageTag, SafeText } from '../../schemas/common.ts'
import type { SideOptions } from './sides.ts'

/** The whole server as in production, with one more route. */
export async function start({ redisUrl, databaseUrl, secret }: SideOptions): Promise<number> {
  const config = loadConfig({
    ENVIRONMENT: 'production',
    PUBLIC_URL: 'https://bench.example.org',
    ALLOWED_ORIGINS: 'https://bench.example.org',
    REQUIRE_EMAIL_VERIFICATION: 'false',
    SECRET_KEY: secret,
    REDIS_URL: redisUrl,
    DATABASE_URL: databaseUrl,
    STT_ENGINE: 'none',
    TTS_ENGINE: 'none',
    TRANSLATE_ENGINE: 'none',
  })
  const app = await buildApp(config, { extend, logger: createLogger(config, openLogOutput()) })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return (app.server.address() as AddressInfo).port
}

function extend(app: FastifyInstance): void {
  app.post<{ Body: { text: string; language: string } }>(
    '/notes',
    {
      config: { guard: 'user' },
      schema: {
        body: Type.Object({ text: SafeText(200), language: LanguageTag }, { additionalProperties: false }),
        response: {
          200: Type.Object({ text: Type.String(), language: Type.String(), user_id: Type.String() }),
        },
      },
    },
    (request, reply) => {
      const { text, language } = request.body
      reply.send({ text, language, user_id: userOf(request).userId })
    },
  )
}
