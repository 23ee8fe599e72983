import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { inspect, missing } from '../../scripts/setup/plan.ts'
import { installedPackages, readStages } from '../support/image/dockerfile.ts'
import { ruleProblems } from '../support/image/rules.ts'

const root = join(import.meta.dirname, '..', '..')
const text = readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8')

t.test('the Dockerfile breaks no rule', async (t) => {
  t.strictSame(ruleProblems(text), [])
})

t.test('each rule is noticed when it is broken', async (t) => {
  const breaks: [string, string, RegExp][] = [
    ['node:24.21.0-bookworm-slim', 'node:latest', /DL3007/],
    ['node:24.21.0-bookworm-slim', 'debian', /DL3006/],
    ['--no-install-recommends', '', /DL3015/],
    ['/var/lib/apt/lists/*', '', /DL3009/],
    ['apt-get update \\\n  && ', '', /DL3009/],
    ['USER 10001:10001', 'USER root', /DL3002/],
    ['USER 10001:10001', '', /DL3002/],
    ['COPY config ./config', 'ADD config ./config', /DL3020/],
    ['ENTRYPOINT ["node"]', 'ENTRYPOINT node', /DL3025/],
    [' CMD ["node", "scripts/healthcheck.ts"]', ' CMD node scripts/healthcheck.ts', /DL3025/],
    [/^HEALTHCHECK.*$/m.exec(text)?.[0] ?? '', '', /DL3057/],
    ['WORKDIR /app', 'WORKDIR app', /DL3000/],
    ['PORT=3000', 'SECRET_KEY=abc', /no secret/],
    ['RUN npm run build:web', 'RUN cd web && npm run build:web', /DL3003/],
    ['RUN npm run build:web', 'RUN npm run build:web | tee log', /DL4006/],
    ['npm ci --omit=dev', 'npm install --omit=dev', /DL3016/],
    ['--omit=dev --ignore-scripts', '--omit=dev', /DL3016/],
    ['--from=web', '--from=nowhere', /DL3022/],
    ['COPY config ./config', 'COPY . .', /as a whole/],
    ['STOPSIGNAL SIGTERM', 'STOPSIGNAL NOTHING', /line \d+/],
    ['EXPOSE 3000', 'EXPSE 3000', /line \d+/],
  ]
  for (const [from, to, expected] of breaks) {
    t.ok(text.includes(from), from)
    t.match(ruleProblems(text.replace(from, to)).join('\n'), expected, `${from} -> ${to}`)
  }
})

t.test('it brings every engine that the server can use, and the Node that the tests run on', async (t) => {
  const stages = readStages(text)
  const nothing = { ...inspect(), apertium: false, modes: new Set<string>(), espeak: false, ffmpeg: false }
  const packages = stages.flatMap(({ steps }) =>
    steps.filter(({ keyword }) => keyword === 'RUN').flatMap(installedPackages),
  )
  t.strictSame(packages.toSorted(), missing('engines', nothing).toSorted())
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  t.equal(stages[0]?.from, `node:${lock.packages['node_modules/node'].version}-bookworm-slim`)
})
