import type { FastifyRequest } from 'fastify'
import type { Caller } from '../services/accounts.ts'
import { addressGroup, normaliseAddress } from './client-address.ts'

/** Where a request comes from, as services want to know it. */
export function callerOf(request: FastifyRequest): Caller {
  return {
    userAgent: request.headers['user-agent'] ?? '',
    address: normaliseAddress(request.ip),
    group: addressGroup(request.ip),
  }
}
