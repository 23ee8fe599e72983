import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import type { Principal, UserPrincipal } from '../services/principal.ts'
import type { Tokens } from '../services/tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, as a verified token that is not revoked says; null when none came. */
    principal: Principal | null
    /** Why the token that came does not count. What comes of it is the guard's decision. */
    authenticationFailure: AppError | null
  }
}

const BEARER = /^Bearer +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/i
const MAX_HEADER_LENGTH = 4096

interface Options {
  tokens: Pick<Tokens, 'verify'>
}

const plugin: FastifyPluginAsync<Options> = async (app, { tokens }) => {
  app.decorateRequest('principal', null)
  app.decorateRequest('authenticationFailure', null)

  app.addHook('onRequest', (request, _reply, done) => {
    const header = request.headers.authorization
    if (header !== undefined) {
      try {
        request.principal = tokens.verify(bearerOf(header))
      } catch (error) {
        request.authenticationFailure = error instanceof AppError ? error : new AppError('UNAUTHENTICATED')
      }
    }
    done()
  })
}

function bearerOf(header: string): string {
  const token = header.length <= MAX_HEADER_LENGTH ? BEARER.exec(header)?.[1] : undefined
  if (!token) throw new AppError('UNAUTHENTICATED')
  return token
}

/** The principal of a guarded request. Throws UNAUTHENTICATED. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new AppError('UNAUTHENTICATED')
  return request.principal
}

/** The signed-in user of a guarded request. Throws UNAUTHENTICATED, or FORBIDDEN for a guest. */
export function userOf(request: FastifyRequest): UserPrincipal {
  const principal = principalOf(request)
  if (principal.kind !== 'user') throw new AppError('FORBIDDEN')
  return principal
}

/** Verifies the token once, before the limiter, which looks its session's revocation up. The guards decide what it is good for. */
export default fp(plugin, { name: 'authentication' })
