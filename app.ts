import { join } from 'node:path'
import cookie from '@fastify/cookie'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { type AccessLine, createAccessLine, createRefusalLine, type RefusalLine } from './access-line.ts'
import { type AppServices, openServices, type ServiceOverrides } from './app-services.ts'
import type { Config } from './config.ts'
import { createLogger } from './logger.ts'
import accessLog from './plugins/access-log.ts'
import apiKeyUses from './plugins/api-key-uses.ts'
import authentication from './plugins/authentication.ts'
import bodySize from './plugins/body-size.ts'
import { responseClass } from './plugins/checked-headers.ts'
import cors from './plugins/cors.ts'
import errorHandler from './plugins/error-handler.ts'
import guards from './plugins/guards.ts'
import host from './plugins/host.ts'
import jsonBody from './plugins/json-body.ts'
import knownPaths from './plugins/known-paths.ts'
import notFound from './plugins/not-found.ts'
import openapi from './plugins/openapi.ts'
import origin from './plugins/origin.ts'
import rateLimit from './plugins/rate-limit.ts'
import { createRawErrors, type RawErrors } from './plugins/raw-errors.ts'
import requestFacts from './plugins/request-facts.ts'
import { requestIdOf } from './plugins/request-id.ts'
import securityHeaders, { constantHeaders } from './plugins/security-headers.ts'
import securityLog from './plugins/security-log.ts'
import tracingPlugin from './plugins/tracing.ts'
import { createUnreadableUrls, type UnreadableUrls } from './plugins/unreadable-urls.ts'
import validation from './plugins/validation.ts'
import websocket from './plugins/websocket.ts'
import { SUBPROTOCOL } from './realtime/upgrade.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditRoutes } from './routes/audit.ts'
import { authRoutes } from './routes/auth.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes } from './routes/health.ts'
import { meetingSocketRoutes } from './routes/meeting-socket.ts'
import { meetingRoutes } from './routes/meetings.ts'
import { metricsRoutes, servesMetrics } from './routes/metrics.ts'
import { outboxRoutes } from './routes/outbox.ts'
import { pipelineRoutes } from './routes/pipeline.ts'
import { pollRoutes } from './routes/polls.ts'
import { transcriptRoutes } from './routes/transcripts.ts'
import { userRoutes } from './routes/users.ts'
import { readWebClient, type WebClient } from './routes/web/client.ts'
import { webRoutes } from './routes/web.ts'
import { FORMATS } from './schemas/common.ts'
import { openTracing } from './services/tracing.ts'

export interface Overrides extends ServiceOverrides {
  logger: ReturnType<typeof createLogger>
  /** Where the built browser client is. */
  webFolder: string
  /** Adds hooks or routes where ours are added: behind the whole request path. */
  extend: (app: FastifyInstance) => void | Promise<void>
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly services: AppServices
  }
}

/**
 * Builds the server, in production and in tests: opens what it needs unless it is given, registers the request path in order and the
 * routes in scopes. It closes what it opened itself. Throws when the database's migrations are pending outside development.
 */
export async function buildApp(config: Config, overrides: Partial<Overrides> = {}): Promise<FastifyInstance> {
  const tracing =
    overrides.tracing ??
    (await openTracing(config, {
      info: (fields, message) => logger.info(fields, message),
      warn: (fields, message) => logger.warn(fields, message),
    }))
  const logger = overrides.logger ?? createLogger(config, process.stdout, tracing)
  const rawErrors = createRawErrors({
    headers: constantHeaders(config.environment),
    log: logger,
    count: (status) => services.metrics.requests.observe('(unparsed)', '(unparsed)', status, null),
  })
  const unreadableUrls = createUnreadableUrls()
  const lines = { access: createAccessLine(logger, tracing), refusal: createRefusalLine(logger, tracing) }
  const app = createInstance(config, logger, { rawErrors, unreadableUrls })
  const client = await readWebClient(overrides.webFolder ?? join(import.meta.dirname, 'web', 'dist'))
  const services = await openServices(config, logger, { ...overrides, tracing })
  app.addHook('onClose', async () => {
    await services.close()
    if (!overrides.tracing) await tracing.close()
  })
  try {
    app.decorate('services', services)
    await registerRequestPath(app, config, services, { rawErrors, unreadableUrls, client, lines })
    await overrides.extend?.(app)
    await registerRoutes(app, config, services, client)
    await app.ready()
    return app
  } catch (error) {
    await app.close()
    throw error
  }
}

/** What is not answered by a route or a hook. */
interface Early {
  rawErrors: RawErrors
  unreadableUrls: UnreadableUrls
}

interface Lines {
  access: AccessLine
  refusal: RefusalLine
}

/** The bare instance: limits of the parser, and answers to what fails before there is a request. */
function createInstance(config: Config, logger: Overrides['logger'], { rawErrors, unreadableUrls }: Early) {
  const app: FastifyInstance = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdOf,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: config.maxRequestSize,
    // The serialiser's own validator, which tells the alternatives of a response apart.
    serializerOpts: { ajv: { formats: { ...FORMATS } } },
    routerOptions: { maxParamLength: 256 },
    requestTimeout: 60_000,
    connectionTimeout: 120_000,
    keepAliveTimeout: 65_000,
    // What comes in over open connections while the server closes is still answered, and told to go elsewhere next time.
    return503OnClosing: false,
    http: {
      ServerResponse: responseClass(),
      maxHeaderSize: 16_384,
      headersTimeout: 15_000,
      // Checked by plugins/host.ts: Node would answer without our headers.
      requireHostHeader: false,
      // `Upgrade: h2c` and the like are ignored, as HTTP allows.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
    frameworkErrors: (error, request, reply) => unreadableUrls.routeAgain(app, error, request, reply),
    clientErrorHandler: rawErrors.onClientError,
  })
  // An expectation other than 100-continue is ignored: Node would answer 417 without our headers.
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  return app
}

/** What every request goes through, in this order. */
async function registerRequestPath(
  app: FastifyInstance,
  config: Config,
  { tokens, apiKeys, state, admins, audit, origins, metrics, tracing }: AppServices,
  { rawErrors, unreadableUrls, client, lines }: Early & { client: WebClient | null; lines: Lines },
): Promise<void> {
  await app.register(errorHandler)
  await app.register(validation)
  await app.register(jsonBody)
  await app.register(knownPaths)
  await app.register(requestFacts)
  await app.register(websocket, { protocol: SUBPROTOCOL, rawErrors })
  await app.register(tracingPlugin, { tracing })
  await app.register(accessLog, { metrics: metrics.requests, line: lines.access })
  await app.register(securityLog, { count: metrics.countSecurityEvent, line: lines.refusal })
  // Before the host check, so that its refusals carry them too.
  const headers = constantHeaders(config.environment)
  await app.register(securityHeaders, { headers })
  await app.register(host, config)
  await app.register(cors, { ...config, headers })
  await app.register(bodySize)
  // The client's address comes from `trustProxy` above. The token or key is read before the limiter, which looks up both at once; a key
  // that this process does not know is asked for after its address was counted.
  await app.register(authentication, { tokens, apiKeys })
  await app.register(rateLimit, { ...config, limiter: state.limiter, metrics: metrics.limits })
  await app.register(apiKeyUses, { apiKeys })
  await app.register(unreadableUrls.plugin)
  await app.register(notFound, { page: client?.page ?? null })
  await app.register(openapi, config)
  await app.register(guards, { admins, audit })
  await app.register(origin, { origins })
}

/** Every route, by scope. What a route asks of its caller it says itself, as `config.guard`. */
async function registerRoutes(
  app: FastifyInstance,
  config: Config,
  services: AppServices,
  client: WebClient | null,
): Promise<void> {
  const { accounts, exportOf, sessions, csrf, meetings, polls, transcripts, translation, health } = services
  const { recordings, pipelineTexts: texts, apiKeys, metrics } = services
  const { maxAudioSizeMb } = config
  await app.register(healthRoutes, { health })
  if (servesMetrics(config))
    await app.register(metricsRoutes, { registry: metrics.registry, token: config.metricsToken })
  await app.register(docsRoutes, { config })
  await app.register(webRoutes, { client })
  if (config.environment === 'development' && !config.smtpUrl)
    await app.register(outboxRoutes, { folder: services.outboxFolder })

  await app.register(
    async (api) => {
      // Who signs in and out, and who deletes an account: nothing else reads or sets a cookie.
      await api.register(async (sessionScope) => {
        await sessionScope.register(cookie)
        await sessionScope.register(authRoutes, { accounts, sessions, csrf, config })
        await sessionScope.register(userRoutes, { accounts, exportOf })
      })
      await api.register(apiKeyRoutes, { apiKeys })
      await api.register(meetingRoutes, { meetings })
      await api.register(pollRoutes, { polls })
      await api.register(transcriptRoutes, { transcripts })
      await api.register(pipelineRoutes, { translation, texts, recordings, maxAudioSizeMb })
      await api.register(auditRoutes, { trail: services.auditTrail, chain: services.auditChain })
      await api.register(meetingSocketRoutes, { ...services, config })
    },
    { prefix: '/api/v1' },
  )
}
