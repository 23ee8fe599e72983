import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { Registry } from 'prom-client'
import { createRefusalLine } from './access-line.ts'
import type { Config } from './config.ts'
import { AppError } from './errors.ts'
import type { createLogger } from './logger.ts'
import errorHandler, { answerError } from './plugins/error-handler.ts'
import { createRawErrors } from './plugins/raw-errors.ts'
import { requestIdOf } from './plugins/request-id.ts'
import securityHeaders, { constantHeaders } from './plugins/security-headers.ts'
import securityLog from './plugins/security-log.ts'
import { metricsRoutes } from './routes/metrics.ts'
import type { CountSecurityEvent } from './services/metrics/security-events.ts'
import { NO_TRACING } from './services/tracing.ts'

export interface MetricsAppDeps {
  registry: Registry
  countSecurityEvent?: CountSecurityEvent
  logger: ReturnType<typeof createLogger>
}

/** A listener for Prometheus alone, with nothing of the app on it: `/metrics`, behind the token where there is one. */
export async function buildMetricsApp(
  config: Pick<Config, 'environment' | 'metricsToken'>,
  { registry, logger, countSecurityEvent: count = () => undefined }: MetricsAppDeps,
): Promise<FastifyInstance> {
  const headers = constantHeaders(config.environment)
  const rawErrors = createRawErrors({ headers, log: logger, count: () => undefined })
  const app: FastifyInstance = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    bodyLimit: 1024,
    requestTimeout: 10_000,
    connectionTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    clientErrorHandler: rawErrors.onClientError,
  })
  await app.register(errorHandler)
  await app.register(securityLog, { count, line: createRefusalLine(logger, NO_TRACING) })
  await app.register(securityHeaders, { headers })
  app.setNotFoundHandler(() => {
    throw new AppError('NOT_FOUND')
  })
  await app.register(metricsRoutes, { registry, token: config.metricsToken, ownPort: true })
  await app.ready()
  return app
}
