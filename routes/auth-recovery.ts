import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { callerOf } from '../plugins/caller.ts'
import {
  ChangePasswordRequest,
  EmailRequest,
  MailPromise,
  ResetPasswordRequest,
  VerifyEmailRequest,
} from '../schemas/auth.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { Accounts } from '../services/accounts.ts'

const tags = ['auth']
const PROMISE = { message: 'If that is the address of an account that needs it, a mail is on its way.' }

/** Proving an address, and new passwords. */
export const authRecoveryRoutes: FastifyPluginAsyncTypebox<{ accounts: Accounts }> = async (app, { accounts }) => {
  app.post(
    '/auth/verify-email',
    {
      config: { guard: 'public' },
      schema: {
        tags,
        operationId: 'verifyEmail',
        summary: 'Prove an address with the token from the mail',
        body: VerifyEmailRequest,
        response: { 204: Type.Null(), ...errorAnswers() },
      },
    },
    async (request, reply) => {
      await accounts.verifyEmail(request.body.token)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/auth/resend-verification',
    {
      config: { guard: 'public' },
      schema: {
        tags,
        operationId: 'resendVerification',
        summary: 'Ask for another verification mail',
        body: EmailRequest,
        response: { 202: MailPromise, ...errorAnswers() },
      },
    },
    async (request, reply) => {
      await accounts.resendVerification(request.body.email)
      return reply.code(202).send(PROMISE)
    },
  )

  app.post(
    '/auth/forgot-password',
    {
      config: { guard: 'public', limit: 'auth' },
      schema: {
        tags,
        operationId: 'forgotPassword',
        summary: 'Ask for a mail with which to choose a new password',
        body: EmailRequest,
        response: { 202: MailPromise, ...errorAnswers() },
      },
    },
    async (request, reply) => {
      await accounts.forgotPassword(request.body.email)
      return reply.code(202).send(PROMISE)
    },
  )

  app.post(
    '/auth/reset-password',
    {
      config: { guard: 'public', limit: 'auth' },
      schema: {
        tags,
        operationId: 'resetPassword',
        summary: 'Choose a new password with the token from the mail; ends every session and API key',
        body: ResetPasswordRequest,
        response: { 204: Type.Null(), ...errorAnswers() },
      },
    },
    async (request, reply) => {
      await accounts.resetPassword(request.body, callerOf(request))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/auth/change-password',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'changePassword',
        summary: 'Change the password; ends the other sessions',
        body: ChangePasswordRequest,
        response: {
          204: Type.Null(),
          ...errorAnswers('UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'INVALID_CREDENTIALS', 'FORBIDDEN'),
        },
      },
    },
    async (request, reply) => {
      await accounts.changePassword(userOf(request), request.body, callerOf(request))
      return reply.code(204).send(null)
    },
  )
}
