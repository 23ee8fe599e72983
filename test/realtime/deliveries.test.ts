import t from 'tap'
import { createDeliveries } from '../../realtime/deliveries.ts'
import type { AnyEvent } from '../../realtime/frames.ts'

const event = (seq: number, lacking = false) => ({ type: 'caption', at: 'now', seq, lacking }) as AnyEvent

/** Deliveries whose completions the test ends. */
function open(options: { patienceMs?: number; max?: number } = {}) {
  const gates = new Map<unknown, PromiseWithResolvers<void>>()
  const delivered: unknown[] = []
  let arrived: () => void = () => {}
  const deliveries = createDeliveries({
    lacks: (event) => event.lacking === true,
    async complete(event) {
      const gate = Promise.withResolvers<void>()
      gates.set(event.seq, gate)
      await gate.promise
      return { ...event, lacking: 'completed' } as AnyEvent
    },
    deliver(event) {
      delivered.push([event.seq, event.lacking])
      arrived()
    },
    patienceMs: 60_000,
    max: 100,
    ...options,
  })
  return {
    deliveries,
    delivered,
    gates,
    /** Resolves when so many were delivered. */
    async count(n: number) {
      while (delivered.length < n) await new Promise<void>((resolve) => (arrived = resolve))
    },
  }
}

t.test('an event that lacks nothing is delivered before push returns', async (t) => {
  const { deliveries, delivered } = open()
  deliveries.push(event(1))
  t.strictSame(delivered, [[1, false]])
})

t.test('the order stays whatever each completion takes, and they run side by side', async (t) => {
  const { deliveries, delivered, gates, count } = open()
  deliveries.push(event(1, true))
  deliveries.push(event(2))
  deliveries.push(event(3, true))
  deliveries.push(event(4))
  t.equal(gates.size, 2)
  gates.get(3)?.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(delivered, [])
  gates.get(1)?.resolve()
  await count(4)
  deliveries.push(event(5))
  t.strictSame(delivered, [
    [1, 'completed'],
    [2, false],
    [3, 'completed'],
    [4, false],
    [5, false],
  ])
})

t.test('one that takes too long, or fails, goes as it is', async (t) => {
  const { deliveries, delivered, count, gates } = open({ patienceMs: 20 })
  deliveries.push(event(1, true))
  deliveries.push(event(2))
  await count(2)
  deliveries.push(event(3, true))
  gates.get(3)?.reject(new Error('no'))
  await count(3)
  t.strictSame(delivered, [
    [1, true],
    [2, false],
    [3, true],
  ])
})

t.test('when too many wait all go as they are, once', async (t) => {
  const { deliveries, delivered, gates } = open({ max: 2 })
  deliveries.push(event(1, true))
  deliveries.push(event(2))
  deliveries.push(event(3, true))
  for (const gate of gates.values()) gate.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  deliveries.push(event(4))
  t.strictSame(delivered, [
    [1, true],
    [2, false],
    [3, true],
    [4, false],
  ])
})
