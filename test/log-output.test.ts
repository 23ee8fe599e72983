import { once } from 'node:events'
import { readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openLogOutput } from '../log-output.ts'

t.test('every line comes out whole and in order, however long and in whatever script', async (t) => {
  const file = join(t.testdir(), 'log')
  const output = openLogOutput(file)
  const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${'é漢🎧 a'.repeat(i % 40)}\n`)
  // Longer than a block.
  lines.splice(1500, 0, `${'long 漢 '.repeat(10_000)}\n`)
  for (const line of lines) output.write(line)
  // The file is opened while lines already come.
  await new Promise((resolve) => setImmediate(resolve))
  output.flushSync()
  t.equal(readFileSync(file, 'utf8'), lines.join(''))
})

t.test('a line that nothing follows is written soon, unasked', async (t) => {
  const folder = t.testdir({ log: '' })
  const output = openLogOutput(join(folder, 'log'))
  const watcher = watch(folder)
  t.teardown(() => watcher.close())
  const changed = once(watcher, 'change')
  output.write('alone\n')
  await changed
  t.equal(readFileSync(join(folder, 'log'), 'utf8'), 'alone\n')
})
