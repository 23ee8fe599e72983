import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No other origin may read what the route answers. */
    sameOrigin?: boolean
  }
}

type Options = Pick<Config, 'allowedOrigins'>

const EXPOSED = { 'access-control-expose-headers': 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id' }
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Content-Type, Authorization, Accept, X-CSRF-Token, X-API-Key',
  'access-control-max-age': '600',
}
const ANYONE = { 'access-control-allow-origin': '*', ...EXPOSED }
/** Caches may not hand one origin's answer to another (Fetch standard, "CORS protocol and HTTP caches"). */
const VARY = { vary: 'Origin' }

const plugin: FastifyPluginAsync<Options> = async (app, { allowedOrigins }) => {
  const anyone = allowedOrigins.includes('*')
  const allowed = new Map(
    allowedOrigins.map((origin) => [
      origin,
      { ...VARY, 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true', ...EXPOSED },
    ]),
  )

  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    const headers = anyone ? ANYONE : allowed.get(origin ?? '')
    if (!request.route.config?.sameOrigin) reply.headers(headers ?? VARY)
    if (request.method !== 'OPTIONS') return done()
    if (!isPreflight(request)) {
      const methods = app.methodsOf(request.url)
      if (methods.length === 0) return done(new AppError('NOT_FOUND'))
      reply.code(204).header('allow', methods.join(', ')).send()
    } else if (headers) {
      reply.code(204).headers(PREFLIGHT).send()
    } else {
      request.server.logSecurity(request, 'origin', 'refused', `ip:${request.client.address}`)
      done(new AppError('ORIGIN_NOT_ALLOWED'))
    }
  })
}

function isPreflight({ headers }: FastifyRequest): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/**
 * CORS (Fetch standard): `*` without credentials in development, an exact list with credentials elsewhere. Pre-flights and plain OPTIONS
 * are answered here, before the rate limit: they cost nothing and are not counted.
 */
export default fp(plugin, { name: 'cors', dependencies: ['known-paths', 'request-facts', 'security-log'] })
