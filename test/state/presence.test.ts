import { randomUUID } from 'node:crypto'
import t from 'tap'
import { LEASE_MS } from '../../state/socket-leases.ts'
import { startRedis } from '../support/redis.ts'
import { createTestClock, openRedisState, twins } from '../support/states.ts'

for (const twin of twins(t)) {
  t.test(twin.name, async (t) => {
    t.test('a participant is present from its first connection to its last', async (t) => {
      const { presence } = await twin.open(t)
      const room = randomUUID()
      t.equal(await presence.enter(room, 'ana', 'join', 10), 'entered')
      t.equal(await presence.enter(room, 'ana', 's1', 10), 'present')
      t.equal(await presence.leave(room, 'ana', 'join'), false)
      t.equal(await presence.leave(room, 'ana', 'unknown'), false)
      t.same(await presence.list(room), ['ana'])
      t.equal(await presence.leave(room, 'ana', 's1'), true)
      t.same(await presence.list(room), [])
      t.equal(await presence.leave(room, 'ana', 's1'), false, 'it ends once')
    })

    t.test('leaving without a connection ends all of them', async (t) => {
      const { presence } = await twin.open(t)
      const room = randomUUID()
      await presence.enter(room, 'ana', 's1', 10)
      await presence.enter(room, 'ana', 's2', 10)
      t.equal(await presence.leave(room, 'ana'), true)
      t.same(await presence.list(room), [])
    })

    t.test('a full room takes nobody more, but more connections of who is in', async (t) => {
      const { presence } = await twin.open(t)
      const room = randomUUID()
      const entries = await Promise.all(['a', 'b', 'c', 'd'].map((id) => presence.enter(room, id, 'join', 2)))
      t.same(entries.toSorted(), ['entered', 'entered', 'full', 'full'])
      const [inside = ''] = await presence.list(room)
      t.equal(await presence.enter(room, inside, 's1', 2), 'present')
      t.equal((await presence.list(room)).length, 2)
    })

    t.test('expired leases do not count, and are swept once', async (t) => {
      const clock = createTestClock()
      const { presence } = await twin.open(t, clock.now)
      const room = randomUUID()
      await presence.enter(room, 'ana', 's1', 2)
      await presence.enter(room, 'ben', 's2', 2)
      clock.advance(LEASE_MS - 1)
      await presence.renew(room, [{ participantId: 'ana', connectionId: 's1' }])
      clock.advance(1)
      t.same(await presence.list(room), ['ana'])
      t.equal(await presence.enter(room, 'cy', 's3', 2), 'entered')
      const swept = await Promise.all([presence.sweep(room), presence.sweep(room)])
      t.same(swept.flat(), ['ben'])
      t.same((await presence.list(room)).toSorted(), ['ana', 'cy'])
    })

    t.test('one of two connections that expires does not end the presence', async (t) => {
      const clock = createTestClock()
      const { presence } = await twin.open(t, clock.now)
      const room = randomUUID()
      await presence.enter(room, 'ana', 's1', 2)
      clock.advance(LEASE_MS / 2)
      await presence.enter(room, 'ana', 's2', 2)
      clock.advance(LEASE_MS / 2)
      t.same(await presence.sweep(room), [])
      t.equal(await presence.leave(room, 'ana', 's2'), true, 'the other has expired')
    })

    t.test('a renewal puts back what was lost', async (t) => {
      const { presence } = await twin.open(t)
      const room = randomUUID()
      const leases = Array.from({ length: 450 }, (_, i) => ({ participantId: `p${i}`, connectionId: 's' }))
      await presence.renew(room, leases)
      t.equal((await presence.list(room)).length, 450)
    })

    t.test('knows the languages of who is present, each once', async (t) => {
      const clock = createTestClock()
      const { presence } = await twin.open(t, clock.now)
      const room = randomUUID()
      for (const id of ['a', 'b', 'c', 'd']) await presence.enter(room, id, 's', 10)
      await presence.setListening(room, 'a', 'de')
      await presence.setListening(room, 'b', 'de')
      await presence.setListening(room, 'c', 'fr')
      await presence.setListening(room, 'nobody', 'it')
      t.same((await presence.listening(room)).toSorted(), ['de', 'fr'])
      await presence.leave(room, 'c', 's')
      t.same(await presence.listening(room), ['de'])
      await presence.enter(room, 'c', 's', 10)
      t.same(await presence.listening(room), ['de'], 'who comes back has said nothing yet')
      clock.advance(LEASE_MS)
      t.same(await presence.listening(room), [])
    })

    t.test('forgets a room', async (t) => {
      const { presence } = await twin.open(t)
      const room = randomUUID()
      await presence.enter(room, 'ana', 's1', 2)
      await presence.clear(room)
      t.same(await presence.list(room), [])
      t.same(await presence.sweep(room), [])
    })
  })
}

t.test('without Redis nobody enters, and a renewal does not throw', async (t) => {
  const redis = await startRedis(t)
  const { presence } = await openRedisState(t, redis.url)
  await redis.kill()
  await t.rejects(presence.enter('room', 'ana', 's1', 2), { name: 'StateUnavailableError' })
  await presence.renew('room', [{ participantId: 'ana', connectionId: 's1' }])
})
