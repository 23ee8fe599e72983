import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { callerOf } from '../plugins/caller.ts'
import { clearRefreshCookies } from '../plugins/refresh-cookie.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { AccountDeletion, ProfileChange, User } from '../schemas/users.ts'
import type { Accounts } from '../services/accounts.ts'

const tags = ['users']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

/** The user's own account. */
export const userRoutes: FastifyPluginAsyncTypebox<{ accounts: Accounts }> = async (app, { accounts }) => {
  app.get(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: { tags, summary: 'Own profile', response: { 200: User, ...errorAnswers(...token) } },
    },
    (request) => accounts.profile(userOf(request).userId),
  )

  app.patch(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        summary: 'Change name or languages',
        body: ProfileChange,
        response: { 200: User, ...errorAnswers(...token) },
      },
    },
    (request) => accounts.updateProfile(userOf(request).userId, request.body),
  )

  app.delete(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        summary: 'Erase the account and everything it owns',
        body: AccountDeletion,
        response: { 204: Type.Null(), ...errorAnswers(...token, 'INVALID_CREDENTIALS') },
      },
    },
    async (request, reply) => {
      await accounts.deleteAccount(userOf(request), request.body, callerOf(request))
      clearRefreshCookies(reply)
      return reply.code(204).send(null)
    },
  )
}
