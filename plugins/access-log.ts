import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { userIdOf } from '../services/principal.ts'
import { normaliseAddress } from './client-address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    accessLogged: boolean
    /** When the request came in, by the monotonic clock, milliseconds. */
    startedAt: number
  }
}

/** Nginx's name for a client that left before the answer. */
const CLIENT_GONE = 499

/** Writes the one line of a request. The path itself is not logged: the route's pattern says enough and holds no secret. */
export function logAccess(request: FastifyRequest, status: number): void {
  if (request.accessLogged) return
  request.accessLogged = true
  const { principal, apiKeyId } = request
  request.log.info(
    {
      event: 'request',
      method: request.method,
      route: request.routeOptions.url ?? '(unmatched)',
      status,
      // Zero for what failed before the hooks.
      time_ms: request.startedAt ? Math.round((performance.now() - request.startedAt) * 1000) / 1000 : 0,
      user_id: userIdOf(principal),
      ...(apiKeyId ? { api_key_id: apiKeyId } : {}),
      ip: normaliseAddress(request.ip),
    },
    'request',
  )
}

const plugin: FastifyPluginAsync = async (app) => {
  app.decorateRequest('accessLogged', false)
  app.decorateRequest('startedAt', 0)
  // Sockets that are accepted never finish a reply: their line is written when the upgrade has happened.
  const upgrading = new WeakMap<object, FastifyRequest>()
  app.addHook('onRequest', (request, _reply, done) => {
    request.startedAt = performance.now()
    if (request.ws) upgrading.set(request.raw, request)
    done()
  })
  app.websocketServer.on('connection', (_socket: unknown, raw: object) => {
    const request = upgrading.get(raw)
    if (request) logAccess(request, 101)
  })
  app.addHook('onResponse', (request, reply, done) => {
    logAccess(request, reply.statusCode)
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    logAccess(request, CLIENT_GONE)
    done()
  })
}

/** One JSON line a request, refused upgrades and clients that left early included. */
export default fp(plugin, { name: 'access-log', dependencies: ['@fastify/websocket'] })
