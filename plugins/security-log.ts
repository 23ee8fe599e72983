import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { CountSecurityEvent } from '../services/metrics/security-events.ts'
import { createSecurityLog, type SecurityLog } from '../services/security-log.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The security log with the id of the request in each line. */
    securityLogOf(request: FastifyRequest): SecurityLog
  }
}

interface Options {
  count: CountSecurityEvent
}

const plugin: FastifyPluginAsync<Options> = async (app, { count }) => {
  app.decorate('securityLogOf', (request) => createSecurityLog(request.log, count))
}

/** What the request path refuses goes into the security log, and is counted. */
export default fp(plugin, { name: 'security-log' })
