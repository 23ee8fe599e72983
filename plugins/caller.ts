import type { FastifyRequest } from 'fastify'
import type { Caller } from '../services/accounts.ts'

/** Where a request comes from, as services want to know it. */
export function callerOf(request: FastifyRequest): Caller {
  return {
    userAgent: request.headers['user-agent'] ?? '',
    ...request.client,
  }
}
