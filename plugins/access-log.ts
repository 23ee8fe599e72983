import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { AccessLine } from '../access-line.ts'
import type { RequestMetrics } from '../services/metrics/requests.ts'
import { userIdOf } from '../services/principal.ts'

declare module 'fastify' {
  interface FastifyRequest {
    accessLogged: boolean
    /** When the request came in, by the monotonic clock, milliseconds. */
    startedAt: number
  }
}

/** Nginx's name for a client that left before the answer. */
const CLIENT_GONE = 499

interface Options {
  metrics: RequestMetrics
  line: AccessLine
}

/** Writes the one line of a request. The path itself is not logged: the route's pattern says enough and holds no secret. */
function logAccess(request: FastifyRequest, status: number, { metrics, line }: Options): void {
  if (request.accessLogged) return
  request.accessLogged = true
  const { principal, apiKeyId, method, startedAt } = request
  const route = request.route.url ?? '(unmatched)'
  // None for what failed before the hooks.
  const ms = startedAt ? performance.now() - startedAt : null
  metrics.observe(method, route, status, ms === null ? null : ms / 1000)
  line(request.id, {
    ...{ method, route, status, time_ms: Math.round((ms ?? 0) * 1000) / 1000 },
    user_id: userIdOf(principal),
    ...(apiKeyId ? { api_key_id: apiKeyId } : {}),
    ip: request.client.address,
  })
}

const plugin: FastifyPluginAsync<Options> = async (app, options) => {
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
    if (request) logAccess(request, 101, options)
  })
  app.addHook('onResponse', (request, reply, done) => {
    logAccess(request, reply.statusCode, options)
    done()
  })
  app.addHook('onRequestAbort', (request, done) => {
    logAccess(request, CLIENT_GONE, options)
    done()
  })
}

/** One JSON line a request, and its place in the metrics: refused upgrades and clients that left early included. */
export default fp(plugin, { name: 'access-log', dependencies: ['@fastify/websocket', 'request-facts'] })
