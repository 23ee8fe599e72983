import { randomBytes } from 'node:crypto'
import { chmodSync, globSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { send, signIn, signUp } from '../support/client.ts'
import type { Image } from '../support/image/build.ts'
import { buildShippedImage, runIn, startIn } from '../support/image/container.ts'
import { modulesIn, reachable } from '../support/image/reachable.ts'
import { partsOf } from '../support/mime.ts'
import { freePort } from '../support/ports.ts'
import { createDatabase, startPostgres } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { startSmtp } from '../support/smtp.ts'
import { until } from '../support/states.ts'
import { form, upload } from '../support/uploads.ts'

const root = join(import.meta.dirname, '..', '..')
/** What is started by its path: by the image, by whoever runs it, and by the server for each engine. */
const STARTED = ['server.ts', 'scripts/*.ts', 'pipeline/*/program.ts', 'pipeline/decoding/child.ts']

// All packages are installed twice.
t.setTimeout(900_000)
const image = await buildShippedImage(t)
const folder = join(image.root, image.workdir)

/** Every file with its size and time of change. */
function listing({ root }: Image): string[] {
  return globSync('**/*', { cwd: root }).map((path) => {
    const { size, mtimeMs } = lstatSync(join(root, path))
    return `${path} ${size} ${mtimeMs}`
  })
}

/** Settings of production, with every secret in a file that the image's user may read. */
async function productionSettings(t: Test, mail: string): Promise<Record<string, string>> {
  const shared = process.env.TEST_DATABASE_URL
  const secrets = {
    DATABASE_URL: shared ? await createDatabase(shared) : await (await startPostgres(t)).createDatabase(),
    REDIS_URL: (await startRedis(t)).url,
    SECRET_KEY: randomBytes(48).toString('base64'),
    SMTP_URL: mail,
  }
  const secretsFolder = mkdtempSync(join(tmpdir(), 'fluentmeet-secrets-'))
  t.teardown(() => rmSync(secretsFolder, { recursive: true, force: true }))
  chmodSync(secretsFolder, 0o755)
  const files = Object.entries(secrets).map(([name, text]) => {
    const path = join(secretsFolder, name)
    writeFileSync(path, `${text}\n`, { mode: 0o444 })
    return [`${name}_FILE`, path]
  })
  return {
    ...{ PUBLIC_URL: 'https://meet.example.org', ALLOWED_ORIGINS: 'https://meet.example.org' },
    // Outside a container every interface would be this machine's.
    ...{ HOST: '127.0.0.1', PORT: String(await freePort()) },
    ...Object.fromEntries(files),
  }
}

t.test('the image holds what runs, and nothing else', async (t) => {
  const modules = modulesIn(folder)
  const needed = reachable(
    folder,
    STARTED.flatMap((pattern) => globSync(pattern, { cwd: folder })),
  )
  t.ok(modules.length > 300)
  t.strictSame(
    modules.filter((path) => !needed.has(path)),
    [],
    'no module that nothing loads',
  )
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>
  }
  const installed = globSync('node_modules/**/package.json', { cwd: folder }).map((path) => path.slice(0, -13))
  const ofDevelopment = Object.entries(lock.packages).flatMap(([path, { dev }]) => (dev ? [path] : []))
  t.ok(installed.includes('node_modules/fastify'))
  t.ok(ofDevelopment.includes('node_modules/tap'))
  t.strictSame(
    ofDevelopment.filter((path) => installed.includes(path)),
    [],
    'no package of development',
  )
  const top = readdirSync(folder).filter((name) => !name.endsWith('.ts'))
  t.strictSame(top.toSorted(), [
    ...['config', 'migrations', 'models', 'node_modules', 'package.json', 'pipeline', 'plugins', 'realtime'],
    ...['repositories', 'routes', 'schemas', 'scripts', 'services', 'state', 'web', 'workers'],
  ])
  t.strictSame(readdirSync(join(folder, 'web')), ['dist'])
  t.notOk(readdirSync(join(image.root, 'usr/local/bin')).includes('npm'))
})

t.test('it runs as nobody in particular, listens to others and stops at SIGTERM', async (t) => {
  t.match(image.user, /^[1-9]\d{3,}:[1-9]\d{3,}$/)
  t.match(image.environment, { ENVIRONMENT: 'production', NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '3000' })
})

t.test('without settings it says what is missing and ends', async (t) => {
  const { status, stderr } = runIn(t, image, ['node', 'server.ts'], {})
  t.equal(status, 1)
  for (const name of ['SECRET_KEY', 'DATABASE_URL', 'REDIS_URL', 'PUBLIC_URL']) t.match(stderr, name)
})

t.test(
  'read-only and in production it migrates, serves with its engines, counts votes and ends in order',
  async (t) => {
    const mails = await startSmtp(t)
    const settings = await productionSettings(t, mails.url)
    const base = `http://127.0.0.1:${settings.PORT}`
    const before = listing(image)

    t.match(runIn(t, image, ['node', 'scripts/config-check.ts'], settings), {
      status: 0,
      stdout: 'SECRET_KEY=********',
    })
    t.equal(runIn(t, image, image.healthcheck, settings).status, 1, 'nothing is there yet')
    t.match(runIn(t, image, ['node', 'scripts/migrate.ts'], settings), { status: 0, stdout: /^\d+ migrations applied/ })

    const server = startIn(t, image, settings)
    await server.printed('FluentMeet listens on')
    await until(async () => (await fetch(`${base}/readyz`)).ok)
    t.match(runIn(t, image, image.healthcheck, settings), { status: 0, stderr: '' })
    t.match(await (await fetch(base)).text(), '<title>FluentMeet')

    const account = await signUp(base)
    await until(() => mails.taken.length > 0)
    const text = partsOf(mails.taken[0]?.data ?? '').map(({ body }) => body)
    const token = /^Token: (\S+)/m.exec(text.join('\n'))?.[1]
    t.equal((await send(base, 'POST', '/api/v1/auth/verify-email', { body: { token } })).status, 204)
    const { token: bearer } = await signIn(base, account)

    await until(async () => (await languages(base)).transcription.languages.includes('en'))
    t.ok((await languages(base)).speech.languages.includes('es'))
    const translated = await send<{ text: string }>(base, 'POST', '/api/v1/pipeline/translations', {
      token: bearer,
      body: { text: 'The house is big.', source_language: 'en', target_language: 'es' },
    })
    t.match(translated.body, { text: /casa/i })
    for (const format of ['webm', 'm4a'] as const) {
      const { headers, payload } = form({ name: 'file', filename: 'a', content: upload(format) })
      const heard = await fetch(`${base}/api/v1/pipeline/transcriptions`, {
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${bearer}` },
        body: payload,
      })
      t.match(await heard.json(), { text: /person/i }, format)
    }

    const admin = (...args: string[]) => runIn(t, image, ['node', 'scripts/admin.ts', ...args], settings)
    t.match(admin('grant', account.email), { status: 0 })
    t.match(admin('list'), { status: 0, stdout: account.email })
    t.match(runIn(t, image, ['node', 'scripts/audit-verify.ts'], settings), {
      status: 0,
      stdout: 'The audit trail holds',
    })

    const worker = startIn(t, image, settings, ['scripts/vote-worker.ts'])
    await worker.printed('FluentMeet counts votes')
    t.equal(await worker.stop(), 0)
    t.equal(await server.stop(), 0)
    t.strictSame(listing(image), before, 'nothing was written')
  },
)

async function languages(base: string) {
  const answer = await send<{ transcription: { languages: string[] }; speech: { languages: string[] } }>(
    base,
    'GET',
    '/api/v1/pipeline/languages',
  )
  return answer.body
}
