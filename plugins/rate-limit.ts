import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { revokedKey } from '../services/api-keys/authentication.ts'
import type { LimitMetrics } from '../services/metrics/limits.ts'
import { subjectOf } from '../services/principal.ts'
import { createSparseLines } from '../sparse-lines.ts'
import type { Admission, Limit, Limiter, Verdict } from '../state/limiter.ts'
import { setCheckedHeader } from './checked-headers.ts'

/**
 * The limit a route counts against; `none` is for probes and scrapers only, `export` for what reads all there is, on top of the default, `pages` for
 * the browser client's pages and files.
 */
export type RouteLimit = 'auth' | 'pipeline' | 'default' | 'export' | 'pages' | 'none'

type Options = Pick<Config, 'rateLimitAuthPerMinute' | 'rateLimitPipelinePerMinute' | 'rateLimitDefaultPerMinute'> & {
  limiter: Limiter
  metrics: LimitMetrics
}

type Refusal = AppError | undefined

const MINUTE_MS = 60_000
const EXPORTS_PER_MINUTE = 3
/** A first visit is a dozen files, and a whole office behind one address opens a link at once; each is sent from memory. */
const PAGES_PER_MINUTE = 6_000

const plugin: FastifyPluginAsync<Options> = async (app, options) => {
  const limits: Record<Exclude<RouteLimit, 'none'>, readonly Limit[]> = {
    auth: [{ name: 'auth', max: options.rateLimitAuthPerMinute, windowMs: MINUTE_MS }],
    pipeline: [{ name: 'pipeline', max: options.rateLimitPipelinePerMinute, windowMs: MINUTE_MS }],
    default: [{ name: 'default', max: options.rateLimitDefaultPerMinute, windowMs: MINUTE_MS }],
    export: [
      { name: 'default', max: options.rateLimitDefaultPerMinute, windowMs: MINUTE_MS },
      { name: 'export', max: EXPORTS_PER_MINUTE, windowMs: MINUTE_MS },
    ],
    pages: [{ name: 'pages', max: PAGES_PER_MINUTE, windowMs: MINUTE_MS }],
  }
  /** Of its own, so that anonymous neighbours behind one address do not keep machines out. */
  const keyLookUps: readonly Limit[] = [
    { name: 'api_keys', max: options.rateLimitDefaultPerMinute, windowMs: MINUTE_MS },
  ]

  const timesToTell = createSparseLines()

  // One hook for everything, and not one a route: paths that do not exist are counted too.
  app.addHook('onRequest', (request, reply, done) => {
    if (limitOf(request) === 'none') return done()
    admit(request, reply).then((refusal) => {
      if (refusal || !request.lookUpKey) done(refusal)
      else lookUp(request, reply, request.lookUpKey).then(done, done)
    }, done)
  })

  /** The database is asked only now that the address has been counted; what the key does counts against the key. */
  async function lookUp(
    request: FastifyRequest,
    reply: FastifyReply,
    lookUpKey: () => Promise<void>,
  ): Promise<Refusal> {
    request.lookUpKey = null
    await lookUpKey()
    return request.principal ? admit(request, reply) : undefined
  }

  /** Resolves to RATE_LIMIT_EXCEEDED when it refuses: what comes in floods is not thrown, which would cost more. */
  function admit(request: FastifyRequest, reply: FastifyReply): Promise<Refusal> {
    const admission = admissionOf(request)
    return options.limiter.admit(admission).then((verdict) => judge(request, reply, admission, verdict))
  }

  function judge(request: FastifyRequest, reply: FastifyReply, { subject }: Admission, verdict: Verdict): Refusal {
    if (verdict.revoked) forgetPrincipal(request)
    tell(reply, verdict)
    if (verdict.degraded) options.metrics.decidedAlone()
    if (verdict.admitted) return undefined
    options.metrics.refused(verdict.limit.name)
    const limit = verdict.limit.name
    request.server.logSecurity(request, 'rate_limit', 'refused', subject, { limit, times: timesToTell(subject) })
    return new AppError('RATE_LIMIT_EXCEEDED', undefined, {
      headers: { 'retry-after': String(seconds(verdict.resetMs)) },
    })
  }

  function admissionOf(request: FastifyRequest): Admission {
    const name = limitOf(request)
    const { principal, lookUpKey } = request
    if (lookUpKey) return { limits: keyLookUps, subject: `ip:${request.client.group}` }
    // Who signs in is nobody yet, whatever token comes along: the address counts.
    if (name === 'auth' || name === 'none' || !principal) {
      const subject = `ip:${request.client.group}` as const
      return { limits: limits[name === 'none' ? 'default' : name], subject }
    }
    const { sessionId } = principal
    // Anybody can become any number of guests: what they do counts against their address. That a guest's session is revoked is known
    // here from the messages of the other processes, not from a key beside the limit's.
    if (principal.kind === 'guest') return { limits: limits[name], subject: `ip:${request.client.group}`, sessionId }
    return { limits: limits[name], subject: subjectOf(principal), sessionId }
  }
}

function limitOf(request: FastifyRequest): RouteLimit {
  return request.route.config?.limit ?? 'default'
}

function forgetPrincipal(request: FastifyRequest): void {
  request.authenticationFailure = request.principal?.kind === 'api_key' ? revokedKey() : new AppError('TOKEN_REVOKED')
  request.principal = null
}

/** Whole seconds, rounded up: a client that waits that long is admitted. */
function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}

/** The name of a limit is ours. */
function tell(reply: FastifyReply, { limit, remaining, resetMs }: Verdict): void {
  const reset = Math.ceil(resetMs / 1000)
  setCheckedHeader(reply, 'ratelimit-policy', `"${limit.name}";q=${limit.max};w=${limit.windowMs / 1000}`)
  setCheckedHeader(reply, 'ratelimit', `"${limit.name}";r=${Math.max(0, remaining)};t=${reset}`)
}

/** The rate limit and the revocation of the token's session or of the key, in one round trip, with the IETF draft's headers on every answer. */
export default fp(plugin, { name: 'rate-limit', dependencies: ['authentication', 'security-log'] })
