import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { userOf } from '../plugins/authentication.ts'
import { callerOf } from '../plugins/caller.ts'
import { type CsrfProtectionOptions, createCsrfProtection } from '../plugins/csrf.ts'
import { clearRefreshCookies, refreshTokenOf, setRefreshCookies } from '../plugins/refresh-cookie.ts'
import { LoginRequest, SignInAnswer, SignupRequest } from '../schemas/auth.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { User } from '../schemas/users.ts'
import type { Accounts, SignedIn } from '../services/accounts.ts'
import { createGivingUp } from '../services/sessions/giving-up.ts'
import type { Sessions } from '../services/sessions.ts'
import { authRecoveryRoutes } from './auth-recovery.ts'
import { authSessionRoutes } from './auth-sessions.ts'
import { authTotpRoutes } from './auth-totp.ts'

const tags = ['auth']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

export interface AuthRoutesOptions extends Omit<CsrfProtectionOptions, 'sessions'> {
  accounts: Accounts
  sessions: Sessions
}

/** Signing up, in and out; and the rest of `/auth`. */
export const authRoutes: FastifyPluginAsyncTypebox<AuthRoutesOptions> = async (
  app,
  { accounts, sessions, csrf, config },
) => {
  const csrfProtection = createCsrfProtection({ csrf, sessions, config })
  const giveUp = createGivingUp(sessions)

  app.post(
    '/auth/signup',
    {
      config: { guard: 'public', limit: 'auth' },
      schema: {
        tags,
        operationId: 'signUp',
        summary: 'Sign up',
        description: 'The answer is the same for an address that is taken: its owner gets a mail.',
        body: SignupRequest,
        response: { 201: User, ...errorAnswers() },
      },
    },
    async (request, reply) => reply.code(201).send(await accounts.signup(request.body)),
  )

  app.post(
    '/auth/login',
    {
      config: { guard: 'public', limit: 'auth' },
      schema: {
        tags,
        operationId: 'signIn',
        summary: 'Sign in: an access token, and a refresh token as a cookie',
        body: LoginRequest,
        response: { 200: SignInAnswer, ...errorAnswers('INVALID_CREDENTIALS', 'EMAIL_NOT_VERIFIED') },
      },
    },
    async (request, reply) => {
      const signedIn = await accounts.login(request.body, callerOf(request))
      await giveUp(refreshTokenOf(request))
      return handOut(reply, signedIn)
    },
  )

  app.post(
    '/auth/refresh-token',
    {
      config: { guard: 'refresh_cookie' },
      preValidation: csrfProtection,
      schema: {
        tags,
        operationId: 'refreshToken',
        summary: 'A new access token for the refresh cookie, which is replaced',
        description: 'Needs the CSRF token in `X-CSRF-Token`.',
        response: {
          200: SignInAnswer,
          ...errorAnswers('UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'CSRF_FAILED', 'ORIGIN_NOT_ALLOWED'),
        },
      },
    },
    async (request, reply) => handOut(reply, await accounts.refresh(refreshTokenOf(request) ?? '')),
  )

  app.post(
    '/auth/logout',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'signOut',
        summary: 'End this session',
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      await sessions.logout(userOf(request))
      clearRefreshCookies(reply)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/auth/logout-all',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'signOutEverywhere',
        summary: 'End every session of the user',
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      await sessions.logoutAll(userOf(request))
      clearRefreshCookies(reply)
      return reply.code(204).send(null)
    },
  )

  await app.register(authRecoveryRoutes, { accounts })
  await app.register(authSessionRoutes, { sessions })
  await app.register(authTotpRoutes, { accounts })
}

function handOut(reply: FastifyReply, { answer, refreshToken, refreshSeconds }: SignedIn): SignedIn['answer'] {
  setRefreshCookies(reply, { refreshToken, refreshSeconds, csrfToken: answer.csrf_token })
  return answer
}
