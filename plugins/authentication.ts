import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import type { Judgement } from '../services/api-keys/authentication.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import { type Account, type Principal, type UserPrincipal, userIdOf } from '../services/principal.ts'
import type { Tokens } from '../services/tokens.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sent the request, as a verified token or API key that is not revoked says; null when none came. */
    principal: Principal | null
    /** Why the token or key that came does not count. What comes of it is the guard's decision. */
    authenticationFailure: AppError | null
    /** The API key that came, when there is such a one, whether or not it counts. */
    apiKeyId: string | null
    /** Finds out who the key that came stands for: left to the limiter, which first counts the asking. */
    lookUpKey: (() => Promise<void>) | null
  }
}

/** RFC 6750; the scheme in any case (RFC 9110). */
const BEARER = /^bearer +(?=[^ ])/i
const MAX_HEADER_LENGTH = 4096

interface Options {
  tokens: Pick<Tokens, 'verify'>
  apiKeys: Pick<ApiKeys, 'recall' | 'lookUp'>
}

const plugin: FastifyPluginAsync<Options> = async (app, { tokens, apiKeys }) => {
  app.decorateRequest('principal', null)
  app.decorateRequest('authenticationFailure', null)
  app.decorateRequest('apiKeyId', null)
  app.decorateRequest('lookUpKey', null)

  app.addHook('onRequest', (request, _reply, done) => {
    const { authorization, 'x-api-key': key } = request.headers
    if (key !== undefined && takesCredentials(request)) {
      if (authorization === undefined) judgeKey(request, String(key))
      else request.authenticationFailure = new AppError('UNAUTHENTICATED', 'Send a token or an API key, not both.')
    } else if (authorization !== undefined) {
      try {
        request.principal = tokens.verify(bearerOf(authorization))
      } catch (error) {
        request.authenticationFailure = error instanceof AppError ? error : new AppError('UNAUTHENTICATED')
      }
    }
    done()
  })

  function judgeKey(request: FastifyRequest, key: string): void {
    const judgement = apiKeys.recall(key, request.ip)
    if (judgement) accept(request, judgement)
    else request.lookUpKey = async () => accept(request, await apiKeys.lookUp(key, request.ip))
  }
}

function accept(request: FastifyRequest, { keyId, principal, error }: Judgement): void {
  request.apiKeyId = keyId
  request.principal = principal
  request.authenticationFailure = error
}

/** Where nobody is asked who they are a key is not looked at: it costs nothing, and probes answer while the database is gone. */
function takesCredentials(request: FastifyRequest): boolean {
  const guard = request.route.config?.guard
  return guard !== undefined && guard !== 'public' && guard !== 'refresh_cookie'
}

function bearerOf(header: string): string {
  // What follows is compared and verified as a whole: nothing that is no token passes for one.
  const scheme = header.length <= MAX_HEADER_LENGTH ? BEARER.exec(header)?.[0] : undefined
  if (!scheme) throw new AppError('UNAUTHENTICATED')
  return header.slice(scheme.length)
}

/** The principal of a guarded request. Throws UNAUTHENTICATED. */
export function principalOf(request: FastifyRequest): Principal {
  if (!request.principal) throw new AppError('UNAUTHENTICATED')
  return request.principal
}

/** The signed-in user of a guarded request. Throws UNAUTHENTICATED, or FORBIDDEN for a guest or an API key. */
export function userOf(request: FastifyRequest): UserPrincipal {
  const principal = principalOf(request)
  if (principal.kind !== 'user') throw new AppError('FORBIDDEN')
  return principal
}

/** The account of a guarded request that machines may send too. Throws UNAUTHENTICATED, or FORBIDDEN for a guest. */
export function accountOf(request: FastifyRequest): Account {
  const userId = userIdOf(principalOf(request))
  if (userId === null) throw new AppError('FORBIDDEN')
  return { userId }
}

/**
 * Verifies the token or API key once, before the limiter, which looks its revocation up. The guards decide what it is good for.
 */
export default fp(plugin, { name: 'authentication', dependencies: ['request-facts'] })
