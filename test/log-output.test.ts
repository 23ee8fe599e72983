import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openLogOutput } from '../log-output.ts'
import { until } from './support/states.ts'

t.test('every line comes out whole and in order, however long and in whatever script', async (t) => {
  const file = join(t.testdir(), 'log')
  const output = openLogOutput(file)
  const lines = Array.from({ length: 3000 }, (_, i) => `${i} ${'é漢🎧 a'.repeat(i % 40)}\n`)
  // Longer than a block.
  lines.splice(1500, 0, `${'long 漢 '.repeat(10_000)}\n`)
  for (const line of lines) output.write(line)
  // The file is opened while lines already come.
  const whole = Buffer.from(lines.join(''))
  await until(() => existsSync(file) && statSync(file).size === whole.length)
  t.equal(readFileSync(file, 'utf8'), whole.toString())
})

t.test('nothing is lost when the process ends while lines are being written', async (t) => {
  const file = join(t.testdir({ log: '' }), 'log')
  const module = JSON.stringify(new URL('../log-output.ts', import.meta.url).href)
  const code = `
    import { setTimeout as wait } from 'node:timers/promises'
    import { openLogOutput } from ${module}
    const output = openLogOutput(${JSON.stringify(file)})
    await wait(50)
    for (let i = 0; i < 3000; i++) output.write(i + ' words of a line\\n')
    output.flushSync()
    process.exit(3)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'inherit' })
  t.strictSame(await once(child, 'exit'), [3, null])
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  t.strictSame(
    lines.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    Array.from({ length: 3000 }, (_, i) => `${i} words of a line`),
  )
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
