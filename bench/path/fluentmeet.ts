import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { userOf } from '../../plugins/authentication.ts'
import { LanguageTag, SafeText } from '../../schemas/common.ts'
import { startServer } from '../server.ts'
import type { SideOptions } from './sides.ts'

/** The whole server as in production, with one more route. */
export const start = (options: SideOptions): Promise<number> => startServer(options, { extend })

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
