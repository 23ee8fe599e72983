import { randomUUID } from 'node:crypto'
import t from 'tap'
import { LEASE_MS } from '../../state/socket-leases.ts'
import type { Subject } from '../../state/state.ts'
import { createTestClock, twins } from '../support/states.ts'

const someone = (): Subject => `u:${randomUUID()}`

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('gives as many as the limit, and one again when one is given back', async (t) => {
      const { socketLeases } = await twin.open(t)
      const subject = someone()
      const answers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => socketLeases.acquire(subject, id, 3)))
      t.equal(answers.filter(Boolean).length, 3)
      t.ok(await socketLeases.acquire(someone(), 'a', 3), 'another subject has its own')
      await socketLeases.release(subject, 'b')
      t.ok(await socketLeases.acquire(subject, 'e', 3))
      t.notOk(await socketLeases.acquire(subject, 'f', 3))
    })

    t.test('a lease ends by itself unless it is renewed', async (t) => {
      const clock = createTestClock()
      const { socketLeases } = await twin.open(t, clock.now)
      const subject = someone()
      await socketLeases.acquire(subject, 'kept', 2)
      await socketLeases.acquire(subject, 'lost', 2)
      clock.advance(LEASE_MS / 2)
      await socketLeases.renew([{ subject, connectionId: 'kept' }])
      clock.advance(LEASE_MS / 2 + 1)
      t.ok(await socketLeases.acquire(subject, 'new', 2))
      t.notOk(await socketLeases.acquire(subject, 'newer', 2))
    })

    t.test('of leases of very many none is left out when they are renewed', async (t) => {
      const clock = createTestClock()
      const { socketLeases } = await twin.open(t, clock.now)
      const leases = Array.from({ length: 450 }, () => ({ subject: someone(), connectionId: 'a' }))
      for (const { subject, connectionId } of leases) await socketLeases.acquire(subject, connectionId, 1)
      clock.advance(LEASE_MS / 2)
      await socketLeases.renew(leases)
      clock.advance(LEASE_MS / 2 + 1)
      const free = await Promise.all(leases.map(({ subject }) => socketLeases.acquire(subject, 'b', 1)))
      t.equal(free.filter(Boolean).length, 0, 'none was lost')
    })

    t.test('a renewal puts back a lease that was lost', async (t) => {
      const { socketLeases } = await twin.open(t)
      const subject = someone()
      await socketLeases.renew([
        { subject, connectionId: 'a' },
        { subject, connectionId: 'b' },
      ])
      t.notOk(await socketLeases.acquire(subject, 'c', 2))
    })
  })
}
