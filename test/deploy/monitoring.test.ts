import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readExposition } from '../support/exposition.ts'
import { readWhenServed, startWithMetrics } from '../support/metrics-processes.ts'
import { metricsOf } from '../support/promql.ts'

const deploy = join(import.meta.dirname, '..', '..', 'deploy')
const rulesFile = join(deploy, 'prometheus', 'alerts.yml')
const testsFile = join(deploy, 'prometheus', 'alerts.test.yml')

/** Told by the scraper itself. */
const OF_PROMETHEUS = new Set(['up'])
/** Added by the scraper, and by histograms. */
const LABELS_OF_ALL = ['job', 'instance', 'le']

interface Panel {
  type: string
  title?: string
  gridPos: { x: number; y: number; w: number; h: number }
  fieldConfig?: { defaults?: { unit?: string } }
  targets?: { expr?: string; legendFormat?: string }[]
}
const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana', 'fluentmeet.json'), 'utf8')) as {
  uid: string
  panels: Panel[]
  templating: { list: { name: string }[] }
}
const panels = dashboard.panels.filter(({ type }) => type !== 'row')

function promtool(...args: string[]) {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8' })
  if (error) throw error
  return { status, text: `${stdout}${stderr}` }
}

/** The alerts, as far as a look at the lines tells. */
function alerts() {
  const text = readFileSync(rulesFile, 'utf8')
  return text
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((part) => {
      const expr = /^ {8}expr: (?:\|\n((?: {10}.*\n)+)|(.*)\n)/m.exec(part)
      return { name: part.split('\n', 1)[0] ?? '', part, expr: expr?.[1] ?? expr?.[2] ?? '' }
    })
}

t.test('the alert rules are valid, and fire when they should and not otherwise', async (t) => {
  const check = promtool('check', 'rules', rulesFile)
  t.equal(check.status, 0, check.text)
  t.match(check.text, `SUCCESS: ${alerts().length} rules found`)
  const run = promtool('test', 'rules', testsFile)
  t.equal(run.status, 0, run.text)
})

t.test('each alert is tried both ways, has a severity, and says in words what to do', async (t) => {
  const tried = readFileSync(testsFile, 'utf8').split(/^ {6}- eval_time: /m)
  for (const { name, part } of alerts()) {
    const own = tried.filter((one) => one.includes(`alertname: ${name}\n`))
    t.ok(
      own.some((one) => one.includes('exp_alerts:')),
      `${name} fires`,
    )
    t.ok(
      own.some((one) => !one.includes('exp_alerts:')),
      `${name} keeps quiet`,
    )
    t.match(part, /severity: (warning|critical)/, name)
    t.match(part, /summary: \S.*\n {10}description: \S/, name)
  }
})

t.test('the dashboard: every panel has a title, a unit and expressions, and none lies on another', async (t) => {
  t.equal(dashboard.uid, 'fluentmeet')
  t.ok(panels.length > 30)
  t.strictSame(
    dashboard.templating.list.map(({ name }) => name),
    ['datasource', 'instance'],
  )
  for (const { title, fieldConfig, targets } of panels) {
    t.ok(title, 'has a title')
    t.ok(fieldConfig?.defaults?.unit, `${title}: has a unit`)
    t.ok(targets?.length && targets.every(({ expr }) => expr), `${title}: has expressions`)
  }
  t.equal(new Set(panels.map(({ title }) => title)).size, panels.length, 'no title is there twice')
  const taken = new Set<string>()
  for (const { gridPos, title } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        if (taken.has(`${x} ${y}`) || x >= 24) t.fail(`${title} lies on another, or outside`)
        taken.add(`${x} ${y}`)
      }
})

t.test('what alerts and dashboard ask for is what running processes tell', async (t) => {
  const { worker, ofServer, ofWorker } = await startWithMetrics(t)
  const workers = worker()
  const [server, counting] = [
    readExposition(await readWhenServed(ofServer)),
    readExposition(await readWhenServed(ofWorker)),
  ]
  await workers.stop()
  const told = server.names()
  const samples = [...server.samples, ...counting.samples]

  const asked = [
    ...alerts().map(({ name, expr }) => ({ by: name, expr })),
    ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr = '' }) => ({ by: String(title), expr }))),
  ]
  const known = new Set<string>()
  for (const { by, expr } of asked) {
    const metrics = metricsOf(expr)
    t.ok(metrics.length > 0, `${by} asks for something`)
    for (const { name, labels } of metrics) {
      if (OF_PROMETHEUS.has(name)) continue
      known.add(name)
      t.ok(told.has(name), `${by}: ${name} is told`)
      const [sample] = samples.filter((one) => one.name === name)
      // Of what did not happen yet there is no sample to look at.
      if (!sample) continue
      for (const label of labels)
        t.ok(LABELS_OF_ALL.includes(label) || label in sample.labels, `${by}: ${name} has the label ${label}`)
    }
  }
  const unseen = [...told].filter(
    (name) => name.startsWith('fluentmeet_') && ![...known].some((one) => series(one) === series(name)),
  )
  t.strictSame(unseen, [], 'nothing of ours is told that nobody looks at')
  for (const name of counting.names())
    if (name.includes('_votes_')) t.ok(told.has(name), `the server tells ${name} too`)
})

const series = (name: string) => name.replace(/_(bucket|sum|count)$/, '')

t.test('how expressions are read', async (t) => {
  t.strictSame(metricsOf('sum by (le) (rate(a_b{c="{x}", d!~"e"}[5m])) / on (z) f > 1 and absent(up)'), [
    { name: 'a_b', labels: ['c', 'd', 'le'] },
    { name: 'f', labels: ['le'] },
    { name: 'up', labels: ['le'] },
  ])
})
