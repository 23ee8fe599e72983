import { ticketKey } from '../keys.ts'
import { digestOf, newTicket } from '../ticket-digest.ts'
import type { TicketGrant, Tickets } from '../tickets.ts'
import type { Connection } from './connection.ts'

/** Socket tickets over all processes. Throws StateUnavailableError. */
export function createRedisTickets({ redis, run }: Connection): Tickets {
  return {
    async issue(grant, ttlMs) {
      const ticket = newTicket()
      await run(() => redis.set(ticketKey(digestOf(ticket)), JSON.stringify(grant), 'PX', ttlMs))
      return ticket
    },
    async redeem(ticket) {
      const grant = await run(() => redis.getdel(ticketKey(digestOf(ticket))))
      return grant === null ? null : (JSON.parse(grant) as TicketGrant)
    },
  }
}
