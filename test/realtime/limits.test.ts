import t from 'tap'
import { createChains } from '../../realtime/chains.ts'
import { createWindow } from '../../realtime/limits.ts'

t.test('no window holds more than its maximum, wherever it begins', async (t) => {
  let now = 0
  const window = createWindow(3, 1000, () => now)
  const hits = [0, 500, 900, 999, 1000, 1499, 1500].map((at) => {
    now = at
    return window.hit()
  })
  t.strictSame(hits, [true, true, true, false, true, false, true])
})

t.test('work of one key runs in order, whatever each takes; keys do not wait for each other', async (t) => {
  const chains = createChains(10)
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  chains.push('a', async () => {
    await gate.promise
    done.push('a1')
  })
  chains.push('a', async () => void done.push('a2'))
  chains.push('b', async () => {
    done.push('b1')
    gate.resolve()
  })
  await chains.idle()
  t.strictSame(done, ['b1', 'a1', 'a2'])
})

t.test('a task that fails does not stop those behind it, and more than the bound is refused', async (t) => {
  const chains = createChains(2)
  const ran: string[] = []
  t.ok(chains.push('a', () => Promise.reject(new Error('no'))))
  t.ok(chains.push('a', async () => void ran.push('second')))
  t.notOk(chains.push('a', async () => void ran.push('third')))
  await chains.idle()
  t.strictSame(ran, ['second'])
  t.ok(chains.push('a', async () => {}))
  await chains.idle()
})
