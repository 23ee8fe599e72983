import type { FastifyPluginAsync, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import { SCOPES, type Scope } from '../schemas/api-keys.ts'
import type { Admins } from '../services/admins.ts'
import type { Audit } from '../services/audit.ts'
import { accountOf, userOf } from './authentication.ts'
import type { RouteLimit } from './rate-limit.ts'

/**
 * Who may call a route. `public`: anyone, a bad token is ignored; `optional`: anyone, but a token that comes must be good; `user`: an access
 * token; `participant`: an access or guest token, the service checks the object; `admin`: an access token of who is an admin now;
 * `refresh_cookie`: the refresh cookie and its CSRF token; `scraper`: the token of the metrics, or this machine. With a `scope`, an API key
 * that has it counts as its user's access token; without one keys are refused.
 */
export type Guard = 'public' | 'optional' | 'user' | 'participant' | 'admin' | 'refresh_cookie' | 'scraper'

declare module 'fastify' {
  interface FastifyContextConfig {
    guard?: Guard
    /** What an API key must be good for. */
    scope?: Scope
    limit?: RouteLimit
    /** Set for routes that a WebSocket is opened on. */
    socket?: boolean
  }
}

interface Options {
  admins: Pick<Admins, 'require'>
  audit: Pick<Audit, 'note'>
}

type Check = (request: FastifyRequest, options: Options) => void | Promise<void>

const CHECKS: Record<Guard, Check | null> = {
  public: null,
  optional(request) {
    refuseBadToken(request)
    requireScope(request)
  },
  user(request) {
    requireToken(request)
    accountOf(request)
  },
  participant: requireToken,
  admin(request, { admins }) {
    requireToken(request)
    return admins.require(userOf(request))
  },
  // The route's own hook reads the cookie and the CSRF token; a bearer token plays no part.
  refresh_cookie: null,
  // So does this one.
  scraper: null,
}

const plugin: FastifyPluginAsync<Options> = async (app, options) => {
  app.addHook('onRoute', (route) => {
    const { guard, limit, scope } = route.config ?? {}
    if (!guard || !(guard in CHECKS)) throw new Error(`${nameOf(route)} does not say what guards it: set config.guard`)
    // The auth limit counts addresses and looks no revocation up.
    if (limit === 'auth' && guard !== 'public' && guard !== 'refresh_cookie')
      throw new Error(`${nameOf(route)} is limited as auth, so it cannot be guarded by a token`)
    if (limit === 'none' && guard !== 'public' && guard !== 'scraper')
      throw new Error(`${nameOf(route)} is not limited, so it must be public`)
    if (guard === 'scraper' && !route.onRequest) throw new Error(`${nameOf(route)} needs a hook that knows scrapers`)
    if (guard === 'refresh_cookie' && !route.preValidation)
      throw new Error(`${nameOf(route)} is guarded by the refresh cookie, so it needs the CSRF hook in preValidation`)
    if (
      scope !== undefined &&
      (!SCOPES.includes(scope) || guard === 'public' || guard === 'refresh_cookie' || guard === 'scraper')
    )
      throw new Error(`${nameOf(route)} cannot be guarded by a scope`)
    route.config = { ...route.config, socket: route.websocket === true || route.wsHandler !== undefined }
    const check = CHECKS[guard]
    if (check) route.onRequest = [...[route.onRequest ?? []].flat(), hookOf(check, options)]
  })
}

function hookOf(check: Check, options: Options): onRequestHookHandler {
  return (request, _reply, done) => {
    // What was tried with a key that somebody has is in the trail; keys of nobody are lines of the log alone.
    const refuse = (error: unknown) => {
      const noted = request.apiKeyId === null ? null : noteKey(request.apiKeyId, error, options)
      if (noted) noted.then(() => done(error as Error), done)
      else done(error as Error)
    }
    try {
      const checked = check(request, options)
      if (checked) checked.then(() => done(), refuse)
      else done()
    } catch (error) {
      refuse(error)
    }
  }
}

function noteKey(keyId: string, error: unknown, { audit }: Options): Promise<void> | null {
  if (!(error instanceof AppError)) return null
  const actor = { kind: 'api_key', id: keyId } as const
  const details = { code: error.code }
  return audit.note({ action: 'api_key_refused', outcome: 'refused', subject: keyId, actor, details })
}

function refuseBadToken(request: FastifyRequest): void {
  const failure = request.authenticationFailure
  if (!failure) return
  refused(request, failure.code)
  throw failure
}

/** An API key is good for what it says and no more; routes that name no scope take none. */
function requireScope(request: FastifyRequest): void {
  const { principal } = request
  if (principal?.kind !== 'api_key') return
  const { scope } = request.route.config
  if (scope && principal.scopes.includes(scope)) return
  throw new AppError(
    'FORBIDDEN',
    scope ? `The API key lacks the scope ${scope}.` : 'API keys may not do this: sign in.',
  )
}

function refused(request: FastifyRequest, code: string): void {
  if (request.apiKeyId !== null) return
  const action = request.headers['x-api-key'] === undefined ? 'token' : 'api_key_refused'
  request.server.logSecurity(request, action, 'refused', `ip:${request.client.group}`, { code })
}

function requireToken(request: FastifyRequest): void {
  refuseBadToken(request)
  if (!request.principal) throw new AppError('UNAUTHENTICATED')
  requireScope(request)
}

function nameOf(route: RouteOptions): string {
  return `${[route.method].flat().join(',')} ${route.url}`
}

/** Attaches each route's guard; a route without one stops the boot. */
export default fp(plugin, { name: 'guards', dependencies: ['authentication', 'rate-limit', 'security-log'] })
