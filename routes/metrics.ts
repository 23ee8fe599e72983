import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { addressGroup, isLoopback } from '../plugins/client-address.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { MetricsText } from '../schemas/health.ts'
import { equal } from '../services/csrf.ts'

export interface MetricsRoutesDeps {
  registry: Pick<Registry, 'metrics' | 'contentType'>
  /** What a scraper shows. Null: who asks must be on this machine, unless the port is for metrics alone. */
  token: string | null
  /** Whether the port is for metrics alone: who reaches it may read them. */
  ownPort?: boolean
}

const BEARER = /^Bearer +(\S{1,1024})$/i

/**
 * Whether the server's own port has the metrics: behind a token; without one in development, for this machine alone, unless they have a
 * port of their own.
 */
export function servesMetrics(config: Pick<Config, 'environment' | 'metricsToken' | 'metricsPort'>): boolean {
  return config.metricsToken !== null || (config.environment === 'development' && config.metricsPort === 0)
}

/** What Prometheus reads. */
export const metricsRoutes: FastifyPluginAsyncTypebox<MetricsRoutesDeps> = async (app, deps) => {
  const { registry, token, ownPort = false } = deps

  function check(request: FastifyRequest): void {
    if (token === null) {
      if (!ownPort && !isLocal(request)) throw new AppError('NOT_FOUND')
      return
    }
    const given = BEARER.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined) throw new AppError('UNAUTHENTICATED')
    if (equal(given, token)) return
    app.logSecurity(request, 'metrics', 'refused', `ip:${addressGroup(request.ip)}`)
    throw new AppError('UNAUTHENTICATED')
  }

  app.get(
    '/metrics',
    {
      config: { guard: 'scraper', limit: 'none' },
      schema: {
        tags: ['operations'],
        operationId: 'getMetrics',
        summary: 'What Prometheus reads',
        response: {
          200: {
            description: 'Prometheus’ text format',
            content: { 'text/plain': { schema: MetricsText } },
          },
          ...errorAnswers('UNAUTHENTICATED', 'NOT_FOUND'),
        },
      },
      onRequest: async (request) => check(request),
    },
    async (_request, reply) => {
      const text = await registry.metrics()
      return reply.type(registry.contentType).send(text)
    },
  )
}

/** The peer itself, and whoever it may speak for. */
function isLocal(request: FastifyRequest): boolean {
  const { remoteAddress } = request.raw.socket
  return remoteAddress !== undefined && isLoopback(remoteAddress) && isLoopback(request.ip)
}
