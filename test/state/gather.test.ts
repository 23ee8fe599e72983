import t from 'tap'
import { createGather } from '../../state/redis/gather.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('what is given in one turn is handed on together, in order', async (t) => {
  const handedOn: (readonly number[])[] = []
  const gather = createGather<number>(4, (items) => handedOn.push(items))
  for (const item of [1, 2, 3]) gather(item)
  t.same(handedOn, [])
  await turn()
  t.same(handedOn, [[1, 2, 3]])
  gather(4)
  await turn()
  t.same(handedOn, [[1, 2, 3], [4]])
})

t.test('never more than the most at a time, and nothing twice', async (t) => {
  const handedOn: (readonly number[])[] = []
  const gather = createGather<number>(4, (items) => handedOn.push(items))
  for (let item = 1; item <= 10; item++) gather(item)
  await turn()
  await turn()
  t.same(handedOn, [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [9, 10],
  ])
})
