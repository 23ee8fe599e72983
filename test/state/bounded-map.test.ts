import t from 'tap'
import { createBoundedMap } from '../../state/memory/bounded-map.ts'

t.test('drops what nobody needs as new keys come', async (t) => {
  const map = createBoundedMap<boolean>((expired) => expired)
  for (let i = 0; i < 1000; i++) map.set(`expired-${i}`, true)
  map.set('needed', false)
  for (let i = 0; i < 10; i++) map.set(`new-${i}`, false)
  t.ok(map.size < 15, String(map.size))
  t.equal(map.get('needed'), false)
})

t.test('never holds more than its bound, and keeps the newest', async (t) => {
  const map = createBoundedMap<number>(() => false, 100)
  for (let i = 0; i < 1000; i++) {
    map.set(String(i), i)
    t.ok(map.size <= 100)
    t.equal(map.get(String(i)), i)
  }
})
