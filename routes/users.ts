import { Readable } from 'node:stream'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { callerOf } from '../plugins/caller.ts'
import { clearRefreshCookies } from '../plugins/refresh-cookie.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { UserExport } from '../schemas/export.ts'
import { AccountDeletion, ProfileChange, User } from '../schemas/users.ts'
import type { Accounts } from '../services/accounts.ts'
import type { Export } from '../services/export.ts'

const tags = ['users']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

export interface UserRoutesDeps {
  accounts: Accounts
  exportOf: Export
}

/** The user's own account. */
export const userRoutes: FastifyPluginAsyncTypebox<UserRoutesDeps> = async (app, { accounts, exportOf }) => {
  app.get(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'getProfile',
        summary: 'Own profile',
        response: { 200: User, ...errorAnswers(...token) },
      },
    },
    (request) => accounts.profile(userOf(request).userId),
  )

  app.patch(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'updateProfile',
        summary: 'Change name or languages',
        body: ProfileChange,
        response: { 200: User, ...errorAnswers(...token) },
      },
    },
    (request) => accounts.updateProfile(userOf(request).userId, request.body),
  )

  app.get(
    '/users/me/export',
    {
      // A HEAD would read it all, and show nothing.
      exposeHeadRoute: false,
      config: { guard: 'user', limit: 'export' },
      schema: {
        tags,
        operationId: 'exportAccount',
        summary: 'Everything that is held about the user, as a file',
        response: { 200: UserExport, ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      const text = await exportOf(userOf(request).userId)
      reply.header('content-disposition', 'attachment; filename="fluentmeet-export.json"')
      reply.type('application/json; charset=utf-8')
      // Read as the client takes it: memory holds a page of rows.
      return reply.send(Readable.from(text, { objectMode: false }) as never)
    },
  )

  app.delete(
    '/users/me',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'deleteAccount',
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
