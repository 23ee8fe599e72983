import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { type Csrf, equal } from '../services/csrf.ts'
import type { Sessions } from '../services/sessions.ts'
import { CSRF_COOKIE, refreshTokenOf } from './refresh-cookie.ts'

export interface CsrfProtectionOptions {
  csrf: Pick<Csrf, 'verify'>
  sessions: Pick<Sessions, 'ownerOf'>
  config: Pick<Config, 'environment' | 'allowedOrigins' | 'publicUrl'>
}

/**
 * A hook for routes that the refresh cookie authenticates: the Origin, when one comes, is ours or allowed; the token in `X-CSRF-Token` was
 * issued for the cookie's session, and is the one in the CSRF cookie when that comes. Throws ORIGIN_NOT_ALLOWED, UNAUTHENTICATED
 * (no cookie, or an unknown one), CSRF_FAILED. Runs before validation.
 */
export function createCsrfProtection({ csrf, sessions, config }: CsrfProtectionOptions) {
  const allowed = new Set([...config.allowedOrigins, new URL(config.publicUrl).origin])
  const any = config.environment === 'development' && allowed.has('*')

  return async (request: FastifyRequest): Promise<void> => {
    const { origin } = request.headers
    if (origin !== undefined && !any && !allowed.has(origin)) refuse(request, 'ORIGIN_NOT_ALLOWED', 'anonymous')
    const refreshToken = refreshTokenOf(request)
    if (!refreshToken) throw new AppError('UNAUTHENTICATED')
    const { sessionId, userId } = await sessions.ownerOf(refreshToken)
    const token = request.headers['x-csrf-token']
    const cookie = request.cookies[CSRF_COOKIE]
    const good =
      typeof token === 'string' && csrf.verify(sessionId, token) && (cookie === undefined || equal(cookie, token))
    if (!good) refuse(request, 'CSRF_FAILED', userId)
  }
}

function refuse(request: FastifyRequest, code: 'ORIGIN_NOT_ALLOWED' | 'CSRF_FAILED', subject: string): never {
  request.server.logSecurity(request, 'csrf', 'refused', subject, { code })
  throw new AppError(code)
}
