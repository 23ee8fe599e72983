import { ticketKey } from '../keys.ts'
import { digestOf, newTicket } from '../ticket-digest.ts'
import type { TicketGrant, Tickets } from '../tickets.ts'
import type { Keyspace } from './keyspace.ts'

/** Socket tickets over all processes. Throws StateUnavailableError. */
export function createRedisTickets({ run }: Keyspace): Tickets {
  return {
    async issue(grant, ttlMs) {
      const ticket = newTicket()
      const key = ticketKey(digestOf(ticket))
      await run(key, (redis) => redis.set(key, JSON.stringify(grant), 'PX', ttlMs))
      return ticket
    },
    async redeem(ticket) {
      const key = ticketKey(digestOf(ticket))
      const grant = await run(key, (redis) => redis.getdel(key))
      return grant === null ? null : (JSON.parse(grant) as TicketGrant)
    },
  }
}
