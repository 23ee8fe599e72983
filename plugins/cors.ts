import cors from '@fastify/cors'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { normaliseAddress } from './client-address.ts'

type Options = Pick<Config, 'allowedOrigins'>

const SHARED = {
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['Content-Type', 'Authorization', 'Accept', 'X-CSRF-Token', 'X-API-Key'],
  exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
  maxAge: 600,
  // Requests that are no pre-flight do not get as far: see below.
  strictPreflight: false,
}

const plugin: FastifyPluginAsync<Options> = async (app, { allowedOrigins }) => {
  const anyone = allowedOrigins.includes('*')
  const allowed = new Set(allowedOrigins)

  app.addHook('onRequest', (request, reply, done) => {
    if (request.method !== 'OPTIONS' || isPreflight(request.headers)) return done()
    const methods = app.methodsOf(request.url)
    if (methods.length === 0) return done(new AppError('NOT_FOUND'))
    reply.code(204).header('allow', methods.join(', ')).send()
  })

  await app.register(cors, {
    ...SHARED,
    ...(anyone
      ? { origin: '*', credentials: false }
      : {
          origin: (origin: string | undefined, callback: (error: null, origin: string | false) => void) =>
            callback(null, origin !== undefined && allowed.has(origin) ? origin : false),
          credentials: true,
        }),
  })

  // A pre-flight of an allowed origin has been answered by now.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.method !== 'OPTIONS') return done()
    request.server.securityLogOf(request)('origin', 'refused', `ip:${normaliseAddress(request.ip)}`)
    done(new AppError('ORIGIN_NOT_ALLOWED'))
  })
}

function isPreflight(headers: Record<string, string | string[] | undefined>): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/**
 * CORS: `*` without credentials in development, an exact list with credentials elsewhere. Pre-flights and plain OPTIONS are answered here,
 * before the rate limit: they cost nothing and are not counted.
 */
export default fp(plugin, { name: 'cors', dependencies: ['known-paths', 'security-log'] })
