import { steadyClock } from '../clock.ts'
import type { Clock } from '../state.ts'
import { digestOf, newTicket } from '../ticket-digest.ts'
import type { TicketGrant, Tickets } from '../tickets.ts'
import { createBoundedMap } from './bounded-map.ts'

/** Socket tickets, within one process. */
export function createMemoryTickets({ now = steadyClock }: { now?: Clock } = {}): Tickets {
  const issued = createBoundedMap<{ grant: TicketGrant; until: number }>(({ until }) => until <= now())

  return {
    async issue(grant, ttlMs) {
      const ticket = newTicket()
      issued.set(digestOf(ticket), { grant: { ...grant }, until: now() + ttlMs })
      return ticket
    },
    async redeem(ticket) {
      const digest = digestOf(ticket)
      const found = issued.get(digest)
      issued.delete(digest)
      return found && found.until > now() ? found.grant : null
    },
  }
}
