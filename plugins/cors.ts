import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { fixedHeaders, setFixedHeaders } from './checked-headers.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** No other origin may read what the route answers. */
    sameOrigin?: boolean
  }
}

interface Options extends Pick<Config, 'allowedOrigins'> {
  /** Those of every answer. */
  headers: Readonly<Record<string, string>>
}

const EXPOSED = { 'access-control-expose-headers': 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id' }
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers': 'Content-Type, Authorization, Accept, X-CSRF-Token, X-API-Key',
  'access-control-max-age': '600',
}
const ANYONE = { 'access-control-allow-origin': '*', ...EXPOSED }
/** Caches may not hand one origin's answer to another (Fetch standard, "CORS protocol and HTTP caches"). */
const VARY = { vary: 'Origin' }

const plugin: FastifyPluginAsync<Options> = async (app, { allowedOrigins, headers }) => {
  const anyone = allowedOrigins.includes('*') ? fixedHeaders({ ...headers, ...ANYONE }) : null
  const allowed = new Map(
    allowedOrigins.map((origin) => {
      const allowing = { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' }
      return [origin, fixedHeaders({ ...headers, ...VARY, ...allowing, ...EXPOSED })]
    }),
  )
  const refused = fixedHeaders({ ...headers, ...VARY })

  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    const allowing = anyone ?? allowed.get(origin ?? '')
    if (!request.route.config?.sameOrigin) setFixedHeaders(reply, allowing ?? refused)
    if (request.method !== 'OPTIONS') return done()
    if (!isPreflight(request)) {
      const methods = app.methodsOf(request.url)
      if (methods.length === 0) return done(new AppError('NOT_FOUND'))
      reply.code(204).header('allow', methods.join(', ')).send()
    } else if (allowing) {
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
