import t, { type Test } from 'tap'
import { createWarmProcess, type WarmProcessOptions } from '../../../pipeline/apertium/process.ts'
import { childGroups, gone, membersOf } from './groups.ts'

// `cat` answers each request with itself, NUL included.
const echo = (t: Test, options: Partial<WarmProcessOptions> = {}) => {
  const warnings: object[] = []
  const warm = createWarmProcess({
    name: 'test',
    command: async () => 'cat | cat | cat',
    warmUp: 'warm',
    log: { warn: (details) => warnings.push(details) },
    ...options,
  })
  t.teardown(() => warm.close())
  return { warm, warnings }
}

t.test('answers come to those who asked, in order', async (t) => {
  const { warm } = echo(t)
  const answered: string[] = []
  const questions = Array.from({ length: 100 }, (_, i) => `question ${i} é😀`)
  const answers = await Promise.all(
    questions.map(async (question) => {
      const answer = await warm.ask(question)
      answered.push(answer)
      return answer
    }),
  )
  t.strictSame(answers, questions)
  t.strictSame(answered, questions)
})

t.test('it starts at first use, once, and close leaves no process', async (t) => {
  const { warm } = echo(t)
  t.strictSame(childGroups(), [])
  await Promise.all([warm.prewarm(), warm.ask('a'), warm.ask('b')])
  const groups = childGroups()
  t.equal(groups.length, 1)
  await warm.close()
  await gone(groups)
  await t.rejects(warm.ask('c'), { name: 'PipelineEndedError' })
})

t.test('whichever member is killed, the next request is answered', async (t) => {
  const { warm, warnings } = echo(t)
  for (const index of [0, 1, 2, 3]) {
    await warm.ask('before')
    const [group = 0] = childGroups()
    const members = membersOf(group)
    t.equal(members.length, 4)
    process.kill(members[index]?.pid ?? 0, 'SIGKILL')
    t.equal(await warm.ask('after'), 'after')
    await gone([group])
  }
  t.ok(warnings.length <= 4)
})

t.test('one that hangs is killed as a group; only the request it had fails', async (t) => {
  const { warm, warnings } = echo(t, { timeoutMs: 100 })
  await warm.ask('before')
  const [group = 0] = childGroups()
  process.kill(-group, 'SIGSTOP')
  const [lost, next] = await Promise.allSettled([warm.ask('lost'), warm.ask('next')])
  t.match(lost, { status: 'rejected', reason: { name: 'PipelineTimeoutError' } })
  t.strictSame(next, { status: 'fulfilled', value: 'next' })
  t.equal(warnings.length, 1)
  await gone([group])
})

t.test('one that cannot run rejects, and is tried again later', async (t) => {
  let command = 'exit 1'
  const { warm } = echo(t, { command: async () => command, backOffMs: 1 })
  await t.rejects(warm.ask('a'), { name: 'PipelineEndedError' })
  await t.rejects(warm.ask('a'), { name: 'PipelineEndedError' })
  command = 'cat'
  t.equal(await warm.ask('b'), 'b')
})

t.test('one that answers without end is killed', async (t) => {
  const { warm } = echo(t, { command: async () => 'cat /dev/zero | tr "\\0" a', backOffMs: 1 })
  await t.rejects(warm.ask('a'), { name: 'PipelineEndedError' })
})

t.test('an answer that breaks off is not taken for one', async (t) => {
  const { warm } = echo(t, { command: async () => `xargs -0 -n1 sh -c 'printf "%s\\0" half'`, backOffMs: 1 })
  await t.rejects(warm.ask('a'), { name: 'PipelineEndedError' })
})

t.test('a request that is aborted while it waits is not asked', async (t) => {
  const { warm } = echo(t)
  const leaving = new AbortController()
  const first = warm.ask('first')
  const second = warm.ask('second', leaving.signal)
  leaving.abort()
  await t.rejects(second, { name: 'AbortError' })
  t.equal(await first, 'first')
  t.equal(await warm.ask('third'), 'third')
  await t.rejects(warm.ask('fourth', leaving.signal), { name: 'AbortError' })
})

t.test('close while it starts, waits or answers rejects what is asked', async (t) => {
  const { warm } = echo(t, { command: async () => 'sleep 60' })
  const asked = [warm.ask('a'), warm.ask('b')].map((question) => t.rejects(question))
  while (childGroups().length === 0) await new Promise((resolve) => setImmediate(resolve))
  const groups = childGroups()
  await warm.close()
  await Promise.all(asked)
  await gone(groups)
})

t.test('its environment holds nothing of ours', async (t) => {
  process.env.SECRET_KEY = 'secret'
  t.teardown(() => delete process.env.SECRET_KEY)
  const { warm } = echo(t, { command: async () => `xargs -0 -n1 sh -c 'printf "%s\\0" "<$SECRET_KEY>$0"'` })
  t.equal(await warm.ask('a'), '<>a')
})
