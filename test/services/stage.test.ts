import t, { type Test } from 'tap'
import { EngineError, type EngineFault } from '../../pipeline/engine-error.ts'
import { createStage, type StageOptions } from '../../services/stage.ts'
import { createHeld, recordedMetrics } from '../support/engines.ts'
import { until } from '../support/states.ts'

interface Engine {
  name: string
  calls: number
  serve(signal: AbortSignal): Promise<string>
}

type Serve = (signal: AbortSignal, call: number) => Promise<string>

const never: Serve = (signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
const deaf: Serve = () => new Promise(() => undefined)
const failing =
  (fault: EngineFault, retryAfterMs?: number): Serve =>
  async () => {
    throw new EngineError('test', fault, 'as told', retryAfterMs === undefined ? {} : { retryAfterMs })
  }

function engine(name: string, serve: Serve = async () => name): Engine {
  return {
    name,
    calls: 0,
    serve(signal) {
      this.calls++
      return serve(signal, this.calls)
    },
  }
}

function open(t: Test, engines: Engine[], options: Partial<StageOptions<Engine>> = {}) {
  const metrics = recordedMetrics()
  const warnings: object[] = []
  const stage = createStage<Engine>({
    ...{ name: 'translation', engines, metrics, log: { warn: (details) => void warnings.push(details) } },
    ...{ concurrency: 4, maxWaiting: 100, maxWaitingPerRoom: 100, circuit: { failures: 3, pauseMs: 50 } },
    ...options,
  })
  t.teardown(() => stage.close())
  const run = (room?: string, signal?: AbortSignal, timeoutMs = 10_000) =>
    stage.run({
      ...{ candidates: engines, work: (engine: Engine, either: AbortSignal) => engine.serve(either), timeoutMs },
      ...(room === undefined ? {} : { room }),
      ...(signal === undefined ? {} : { signal }),
    })
  return { stage, run, metrics, warnings }
}

t.test('the primary serves; the fallback does when it fails, whatever is wrong', async (t) => {
  const healthy = open(t, [engine('a'), engine('b')])
  t.equal(await healthy.run(), 'a')
  t.same(healthy.metrics.lines, ['served translation a'])
  for (const fault of ['busy', 'refused', 'rejected', 'failed', 'garbage'] as const) {
    const { run, metrics, warnings } = open(t, [engine('a', failing(fault)), engine('b')])
    t.equal(await run(), 'b')
    t.same(metrics.lines, [`failed translation a ${fault}`, 'served translation b'])
    t.match(warnings, [{ stage: 'translation', engine: 'a', fault }])
  }
})

t.test('when none serves it is PROVIDER_UNAVAILABLE', async (t) => {
  const { run } = open(t, [engine('a', failing('failed')), engine('b', failing('garbage'))])
  await t.rejects(run(), { code: 'PROVIDER_UNAVAILABLE', cause: { fault: 'garbage' } })
})

t.test('a request is sent once more where that is safe, and only once', async (t) => {
  const cases: [Serve, number][] = [
    [failing('unreachable'), 2],
    [failing('busy', 10), 2],
    [failing('busy'), 1],
    [failing('busy', 60_000), 1],
    [failing('failed'), 1],
    [failing('garbage'), 1],
    [failing('refused'), 1],
    [failing('rejected'), 1],
    [() => Promise.reject(new Error('anything')), 1],
  ]
  for (const [serve, calls] of cases) {
    const [a] = [engine('a', serve)]
    const { run } = open(t, [a])
    await t.rejects(run(), { code: 'PROVIDER_UNAVAILABLE' })
    t.equal(a.calls, calls)
  }
  const a = engine('a', (signal, call) => (call === 1 ? failing('unreachable')(signal, call) : Promise.resolve('late')))
  t.equal(await open(t, [a]).run(), 'late')
})

t.test(
  'an engine that is too slow leaves the fallback its time, also when it does not care about the signal',
  async (t) => {
    for (const serve of [never, deaf]) {
      const { run, metrics } = open(t, [engine('a', serve), engine('b')])
      t.equal(await run(undefined, undefined, 100), 'b')
      t.match(metrics.lines, ['failed translation a slow', 'served translation b'])
      await t.rejects(open(t, [engine('a', serve), engine('b', serve)]).run(undefined, undefined, 50), {
        code: 'PROVIDER_UNAVAILABLE',
        cause: { fault: 'slow' },
      })
    }
  },
)

t.test(
  'an engine that keeps failing is left alone, tried again by one request, and used again when it serves',
  async (t) => {
    let broken = true
    const held = createHeld<string>()
    const a = engine('a', () => (broken ? failing('failed')(AbortSignal.abort(), 0) : held.hold()))
    const { stage, run, metrics } = open(t, [a, engine('b')])
    for (let i = 0; i < 6; i++) t.equal(await run(), 'b')
    t.equal(a.calls, 3)
    t.ok(metrics.lines.includes('circuit translation a opened'))
    t.notOk(stage.mayServe(a))

    await until(() => stage.mayServe(a))
    t.equal(await run(), 'b', 'the trial fails')
    t.equal(a.calls, 4)
    t.notOk(stage.mayServe(a))

    broken = false
    await until(() => stage.mayServe(a))
    const trial = run()
    await until(() => held.count === 1)
    t.equal(await run(), 'b', 'others do not wait for the trial')
    held.release('a')
    t.equal(await trial, 'a')
    t.ok(metrics.lines.includes('circuit translation a closed'))
    t.ok(stage.mayServe(a))
  },
)

t.test('requests that are at fault themselves, or that nobody waits for, do not count against an engine', async (t) => {
  const a = engine('a', failing('rejected'))
  const { stage, run } = open(t, [a])
  for (let i = 0; i < 6; i++) await t.rejects(run(), { code: 'PROVIDER_UNAVAILABLE' })
  t.equal(a.calls, 6)
  t.ok(stage.mayServe(a))
  const b = engine('b', never)
  const other = open(t, [b])
  for (let i = 0; i < 6; i++) {
    const gone = new AbortController()
    const leaving = t.rejects(other.run(undefined, gone.signal), { code: 'PROVIDER_UNAVAILABLE' })
    await until(() => b.calls === i + 1)
    // Whatever the reason is.
    gone.abort(new DOMException('late', 'TimeoutError'))
    await leaving
  }
  t.ok(other.stage.mayServe(b))
  t.match(other.metrics.lines, Array(6).fill('failed translation b stopped'))
  t.same(other.warnings, [])
})

t.test('a trial that nobody waited for leaves the circuit open', async (t) => {
  const a = engine('a', (signal, call) => (call <= 3 ? failing('failed')(signal, call) : never(signal, call)))
  const { stage, run } = open(t, [a])
  for (let i = 0; i < 3; i++) await t.rejects(run())
  await until(() => stage.mayServe(a))
  const gone = new AbortController()
  const leaving = t.rejects(run(undefined, gone.signal))
  await until(() => a.calls === 4)
  gone.abort()
  await leaving
  t.notOk(stage.mayServe(a))
  await t.rejects(run(), { code: 'PROVIDER_UNAVAILABLE' })
  t.equal(a.calls, 4)
})

t.test('rooms take turns: one with much to do does not hold up the others', async (t) => {
  const held = createHeld<string>()
  const { run, metrics } = open(t, [engine('a', () => held.hold())], { concurrency: 1 })
  const order: string[] = []
  const say = (room: string) => run(room).then(() => order.push(room))
  const all = [say('busy'), say('busy'), say('busy'), say('busy'), say('quiet'), say('calm')]
  t.equal(metrics.waiting(), 5)
  for (let i = 0; i < all.length; i++) {
    await until(() => held.count === 1)
    held.release('done')
    await until(() => order.length === i + 1)
  }
  await Promise.all(all)
  t.same(order, ['busy', 'busy', 'quiet', 'calm', 'busy', 'busy'])
  t.equal(metrics.waiting(), 0)
})

t.test('who must wait is served in its turn, also with a time limit of parts of a millisecond', async (t) => {
  const held = createHeld<string>()
  const { run } = open(t, [engine('a', () => held.hold())], { concurrency: 1 })
  const first = run()
  const second = run('room', undefined, 15_000.0625)
  await until(() => held.count === 1)
  held.release('first')
  await until(() => held.count === 1)
  held.release('second')
  t.strictSame(await Promise.all([first, second]), ['first', 'second'])
})

t.test('too many of one room, and too many of all, are refused at once', async (t) => {
  const held = createHeld<string>()
  const limits = { concurrency: 1, maxWaiting: 3, maxWaitingPerRoom: 2 }
  const { run, metrics } = open(t, [engine('a', () => held.hold())], limits)
  const taken = [run('one'), run('one'), run('one')]
  await t.rejects(run('one'), { code: 'PROVIDER_UNAVAILABLE' })
  taken.push(run('other'))
  await t.rejects(run('another'), { code: 'PROVIDER_UNAVAILABLE' })
  t.same(metrics.lines, ['overloaded translation', 'overloaded translation'])
  let served = 0
  for (const request of taken) void request.then(() => served++)
  for (let i = 0; i < taken.length; i++) {
    await until(() => held.count === 1)
    held.release('done')
    await until(() => served === i + 1)
  }
})

t.test('one who leaves, or waits too long, gives the place in the queue back', async (t) => {
  const held = createHeld<string>()
  const a = engine('a', () => held.hold())
  const { run } = open(t, [a], { concurrency: 1, maxWaiting: 1 })
  const first = run()
  const gone = new AbortController()
  const leaving = t.rejects(run('one', gone.signal), { code: 'PROVIDER_UNAVAILABLE' })
  gone.abort()
  await leaving
  await t.rejects(run('one', undefined, 20), { code: 'PROVIDER_UNAVAILABLE' })
  const last = run('one')
  held.release('first')
  t.equal(await first, 'first')
  await until(() => held.count === 1)
  held.release('last')
  t.equal(await last, 'last')
  t.equal(a.calls, 2)
})

t.test('closing stops what is under way and what waits', async (t) => {
  const { stage, run } = open(t, [engine('a', deaf)], { concurrency: 1 })
  const all = [run(), run()].map((request) => t.rejects(request, { code: 'PROVIDER_UNAVAILABLE' }))
  stage.close()
  await Promise.all(all)
})
