import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createEnginePool, type PoolOptions } from '../../pipeline/engine-process/pool.ts'
import type { TestLoad, TestQuestion } from '../support/engine-program.ts'
import { until } from '../support/states.ts'

const LONG = 120_000

function pool(t: Test, options: Partial<PoolOptions<TestLoad>> = {}, load: Partial<TestLoad> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-engine-'))
  const journal = join(folder, 'journal')
  const warnings: object[] = []
  const created = createEnginePool<TestLoad, TestQuestion, { said: string; pid: number; secret?: string }>({
    name: 'test',
    program: join(import.meta.dirname, '..', 'support', 'engine-program.ts'),
    load: { journal, ...load },
    log: { warn: (details) => warnings.push(details) },
    size: 1,
    maxWaiting: 100,
    ...options,
  })
  t.teardown(async () => {
    await created.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const started = () => {
    try {
      return readFileSync(journal, 'utf8').trim().split('\n').map(Number)
    } catch {
      return []
    }
  }
  return { ...created, warnings, started }
}

t.test('answers come to those who asked, from one process that has none of our secrets', async (t) => {
  process.env.SECRET_KEY = 'hunter2'
  const { ask, started } = pool(t)
  t.strictSame(started(), [], 'it starts at first use')
  const questions = Array.from({ length: 50 }, (_, i) => `question ${i} é😀`)
  const answers = await Promise.all(questions.map((say) => ask({ say }, LONG)))
  t.strictSame(
    answers.map(({ said }) => said),
    questions,
  )
  t.strictSame([...new Set(answers.map(({ pid }) => pid))], started())
  t.equal(answers[0]?.secret, undefined)
})

t.test('a crash costs the question that was with it; the next is answered by a new process', async (t) => {
  const { ask, started, warnings } = pool(t)
  await ask({ say: 'before' }, LONG)
  const crash = ask({ do: 'crash' }, LONG)
  const after = ask({ say: 'after' }, LONG)
  await t.rejects(crash, { name: 'EngineError', fault: 'unreachable', message: /SIGSEGV/ })
  t.match(await after, { said: 'after' })
  t.equal(started().length, 2)
  t.equal(warnings.length, 1)
})

t.test('one that hangs is killed and replaced', async (t) => {
  const { ask, started } = pool(t)
  await ask({ say: 'before' }, LONG)
  await t.rejects(ask({ do: 'hang' }, 100), { name: 'EngineError', fault: 'slow' })
  t.match(await ask({ say: 'after' }, LONG), { said: 'after' })
  t.throws(() => process.kill(started()[0] ?? 0, 0), { code: 'ESRCH' })
})

t.test('a failure is an answer: the process goes on', async (t) => {
  const { ask, started } = pool(t)
  await t.rejects(ask({ do: 'fail' }, LONG), { name: 'EngineError', fault: 'failed', message: /it cannot do this/ })
  await ask({ say: 'after' }, LONG)
  t.equal(started().length, 1)
})

t.test('one that cannot load is tried again for each question, and each is told', async (t) => {
  const { ask, started } = pool(t, { backOffMs: 1 }, { broken: true })
  for (let i = 0; i < 3; i++) await t.rejects(ask({ say: 'x' }, LONG), { name: 'EngineError', fault: 'unreachable' })
  t.equal(started().length, 3)
})

t.test('who leaves the queue is not worked for, and the place of who leaves at work stays taken', async (t) => {
  const { ask } = pool(t, { maxWaiting: 1 })
  await ask({ say: 'warm' }, LONG)
  const abort = new AbortController()
  const hung = ask({ do: 'hang' }, 5_000, abort.signal)
  const waits = ask({ say: 'waits' }, LONG, abort.signal)
  await t.rejects(ask({ say: 'too many' }, LONG), { name: 'EngineError', fault: 'busy' })
  abort.abort(new Error('left'))
  await t.rejects(hung, { message: 'left' })
  await t.rejects(waits, { message: 'left' })
  const next = ask({ say: 'next' }, LONG)
  await t.rejects(ask({ say: 'too many' }, LONG), { name: 'EngineError', fault: 'busy' })
  t.match(await next, { said: 'next' })
})

t.test('a second process starts only when the first is busy', async (t) => {
  const { ask, started } = pool(t, { size: 2 })
  await ask({ say: 'a' }, LONG)
  await ask({ say: 'b' }, LONG)
  t.equal(started().length, 1)
  const hung = ask({ do: 'hang' }, 30_000)
  hung.catch(() => undefined)
  t.match(await ask({ say: 'c' }, LONG), { said: 'c' })
  t.equal(started().length, 2)
})

t.test('close ends the processes and whatever waits', async (t) => {
  const { ask, close, started } = pool(t)
  await ask({ say: 'warm' }, LONG)
  const hung = ask({ do: 'hang' }, LONG)
  const waits = ask({ say: 'x' }, LONG)
  const both = Promise.allSettled([hung, waits])
  await close()
  t.match(await both, [{ reason: { fault: 'unreachable' } }, { reason: { fault: 'unreachable' } }])
  for (const pid of started()) await until(() => !isAlive(pid))
  await t.rejects(ask({ say: 'x' }, LONG), { name: 'EngineError', fault: 'unreachable' })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
