import type { FastifyRateLimitOptions, FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { Admission, Limiter, Verdict } from '../state/limiter.ts'

/**
 * What goes through @fastify/rate-limit in the place of its key. The library hands the key on unread, to the store and back to the caller,
 * so an object carries the question there and the answer back without a second look-up.
 */
export interface Ticket {
  readonly admission: Admission
  verdict: Verdict | null
}

/** The only casts between a ticket and the library's key. */
export const asKey = (ticket: Ticket) => ticket as unknown as string
export const asTicket = (key: string) => key as unknown as Ticket

type Answer = Parameters<FastifyRateLimitStore['incr']>[1]

/** A store class for @fastify/rate-limit over our limiter. */
export function rateLimitStore(limiter: Limiter): FastifyRateLimitStoreCtor {
  return class Store implements FastifyRateLimitStore {
    // The library wants a constructor that takes its options; all we need is in the ticket.
    // biome-ignore lint/complexity/noUselessConstructor: part of the library's interface
    constructor(_options: FastifyRateLimitOptions) {}

    incr(key: string, answer: Answer): void {
      const ticket = asTicket(key)
      limiter.admit(ticket.admission).then(
        (verdict) => {
          ticket.verdict = verdict
          const { limit, remaining, admitted, resetMs } = verdict
          answer(null, { current: admitted ? limit.max - remaining : limit.max + 1, ttl: resetMs })
        },
        (error: Error) => answer(error),
      )
    }

    child(): FastifyRateLimitStore {
      return this
    }
  }
}
