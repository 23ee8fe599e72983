import t from 'tap'
import type { TicketGrant } from '../../state/tickets.ts'
import { twins } from '../support/states.ts'

const GRANT: TicketGrant = {
  roomId: 'room',
  participantId: 'participant',
  subject: 'u:user',
  sessionId: 'session',
  origin: 'https://meet.example.org',
  expiresAt: 1_900_000_000_000,
}

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a ticket is good once, also for many at once', async (t) => {
      const { tickets } = await twin.open(t)
      const ticket = await tickets.issue(GRANT, 30_000)
      t.match(ticket, /^[\w-]{43}$/)
      const grants = await Promise.all(Array.from({ length: 10 }, () => tickets.redeem(ticket)))
      t.same(
        grants.filter((grant) => grant !== null),
        [GRANT],
      )
    })

    t.test('an unknown or expired ticket is none', async (t) => {
      const { tickets } = await twin.open(t)
      t.equal(await tickets.redeem('A'.repeat(43)), null)
      const ticket = await tickets.issue(GRANT, 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      t.equal(await tickets.redeem(ticket), null)
    })
  })
}
