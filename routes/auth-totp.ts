import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { callerOf } from '../plugins/caller.ts'
import { RecoveryCodes, TotpConfirmRequest, TotpDisableRequest, TotpSetup, TotpSetupRequest } from '../schemas/auth.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { Accounts } from '../services/accounts.ts'

const tags = ['auth']
const errors = errorAnswers(
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  'INVALID_CREDENTIALS',
  'FORBIDDEN',
  'CONFLICT',
)

/** One-time passwords as a second factor. */
export const authTotpRoutes: FastifyPluginAsyncTypebox<{ accounts: Accounts }> = async (app, { accounts }) => {
  app.post(
    '/auth/totp/setup',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'setUpTotp',
        summary: 'Get a secret for an authenticator app',
        description: 'Nothing changes until a code confirms it; asking again replaces it.',
        body: TotpSetupRequest,
        response: { 200: TotpSetup, ...errors },
      },
    },
    (request) => accounts.setUpTotp(userOf(request), request.body, callerOf(request)),
  )

  app.post(
    '/auth/totp/confirm',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'confirmTotp',
        summary: 'Turn one-time passwords on with a first code; answers the recovery codes',
        body: TotpConfirmRequest,
        response: { 200: RecoveryCodes, ...errors },
      },
    },
    (request) => accounts.confirmTotp(userOf(request), request.body),
  )

  app.post(
    '/auth/totp/disable',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'disableTotp',
        summary: 'Turn one-time passwords off, with the password and a code or recovery code',
        body: TotpDisableRequest,
        response: { 204: Type.Null(), ...errors },
      },
    },
    async (request, reply) => {
      await accounts.disableTotp(userOf(request), request.body, callerOf(request))
      return reply.code(204).send(null)
    },
  )
}
