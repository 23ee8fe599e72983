import type { FastifyPluginAsync, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import { userOf } from './authentication.ts'
import { addressGroup } from './client-address.ts'
import type { RouteLimit } from './rate-limit.ts'

/**
 * Who may call a route. `public`: anyone, a bad token is ignored; `optional`: anyone, but a token that comes must be good; `user`: an access
 * token; `participant`: an access or guest token, the service checks the object; `refresh_cookie`: the refresh cookie and its CSRF token;
 * `scraper`: the token of the metrics, or this machine.
 */
export type Guard = 'public' | 'optional' | 'user' | 'participant' | 'refresh_cookie' | 'scraper'

declare module 'fastify' {
  interface FastifyContextConfig {
    guard?: Guard
    limit?: RouteLimit
    /** Set for routes that a WebSocket is opened on. */
    socket?: boolean
  }
}

const CHECKS: Record<Guard, ((request: FastifyRequest) => void) | null> = {
  public: null,
  optional: refuseBadToken,
  user(request) {
    requireToken(request)
    userOf(request)
  },
  participant: requireToken,
  // The route's own hook reads the cookie and the CSRF token; a bearer token plays no part.
  refresh_cookie: null,
  // So does this one.
  scraper: null,
}

const plugin: FastifyPluginAsync = async (app) => {
  app.addHook('onRoute', (route) => {
    const { guard, limit } = route.config ?? {}
    if (!guard || !(guard in CHECKS)) throw new Error(`${nameOf(route)} does not say what guards it: set config.guard`)
    // The auth limit counts addresses and looks no revocation up.
    if (limit === 'auth' && guard !== 'public' && guard !== 'refresh_cookie')
      throw new Error(`${nameOf(route)} is limited as auth, so it cannot be guarded by a token`)
    if (limit === 'none' && guard !== 'public' && guard !== 'scraper')
      throw new Error(`${nameOf(route)} is not limited, so it must be public`)
    if (guard === 'scraper' && !route.onRequest) throw new Error(`${nameOf(route)} needs a hook that knows scrapers`)
    if (guard === 'refresh_cookie' && !route.preValidation)
      throw new Error(`${nameOf(route)} is guarded by the refresh cookie, so it needs the CSRF hook in preValidation`)
    route.config = { ...route.config, socket: route.websocket === true || route.wsHandler !== undefined }
    const check = CHECKS[guard]
    if (check) route.onRequest = [...[route.onRequest ?? []].flat(), hookOf(check)]
  })
}

function hookOf(check: (request: FastifyRequest) => void): onRequestHookHandler {
  return (request, _reply, done) => {
    try {
      check(request)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

function refuseBadToken(request: FastifyRequest): void {
  const failure = request.authenticationFailure
  if (!failure) return
  request.server.securityLogOf(request)('token', 'refused', `ip:${addressGroup(request.ip)}`, { code: failure.code })
  throw failure
}

function requireToken(request: FastifyRequest): void {
  refuseBadToken(request)
  if (!request.principal) throw new AppError('UNAUTHENTICATED')
}

function nameOf(route: RouteOptions): string {
  return `${[route.method].flat().join(',')} ${route.url}`
}

/** Attaches each route's guard; a route without one stops the boot. */
export default fp(plugin, { name: 'guards', dependencies: ['authentication', 'rate-limit', 'security-log'] })
