import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { clearRefreshCookies } from '../plugins/refresh-cookie.ts'
import { SessionList, SessionParams } from '../schemas/auth.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { Sessions } from '../services/sessions.ts'

const tags = ['auth']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

/** Where the user is signed in. */
export const authSessionRoutes: FastifyPluginAsyncTypebox<{ sessions: Sessions }> = async (app, { sessions }) => {
  app.get(
    '/auth/sessions',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'listSessions',
        summary: 'Own sessions, the last used first',
        response: { 200: SessionList, ...errorAnswers(...token) },
      },
    },
    async (request) => ({ sessions: await sessions.list(userOf(request)) }),
  )

  app.delete(
    '/auth/sessions/:id',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'endSession',
        summary: 'End one of the own sessions',
        params: SessionParams,
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = userOf(request)
      await sessions.end(userId, request.params.id)
      if (request.params.id === sessionId) clearRefreshCookies(reply)
      return reply.code(204).send(null)
    },
  )
}
