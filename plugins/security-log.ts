import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { RefusalLine } from '../access-line.ts'
import type { CountSecurityEvent } from '../services/metrics/security-events.ts'
import type { SecurityOutcome } from '../services/security-log.ts'

/** What else a refusal tells: names in our code. */
interface Extra {
  readonly limit?: string
  readonly code?: string
  /** How many refusals the line is about; null: counted, and told with the next line. */
  readonly times?: number | null
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes a line with the id of the request into the security log, and counts it. */
    logSecurity(
      request: FastifyRequest,
      action: string,
      outcome: SecurityOutcome,
      /** An id, a digest, or the address. */
      subject: string,
      extra?: Extra,
    ): void
  }
}

interface Options {
  count: CountSecurityEvent
  line: RefusalLine
}

const plugin: FastifyPluginAsync<Options> = async (app, { count, line }) => {
  app.decorate('logSecurity', (request, action, outcome, subject, extra) => {
    count(action, outcome)
    if (extra?.times !== null) line(request.id, { ...extra, action, outcome, subject })
  })
}

/** What the request path refuses goes into the security log, and is counted. */
export default fp(plugin, { name: 'security-log' })
