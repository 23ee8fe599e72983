import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DCLinter } from 'dclint'
import t, { type Test } from 'tap'
import { loadConfig } from '../../config.ts'
import { DEPLOY, readCompose, serviceOf } from '../support/compose.ts'
import { bareSecrets, unknownSettings } from '../support/known-settings.ts'

const compose = readCompose({ PUBLIC_HOST: 'meet.example.org' })
const services = Object.entries(compose.services)
const ours = services.filter(([, { image }]) => image.startsWith('fluentmeet'))
/** What is matter of taste, and the ports, which are to be open to all. */
const NOT_ASKED = ['service-keys-order', 'services-alphabetical-order', 'top-level-properties-order']

/** Complaints about a compose file: its schema, and what dclint knows of good practice. */
function complaints(path: string): string[] {
  const off = Object.fromEntries([...NOT_ASKED, 'no-unbound-port-interfaces'].map((rule) => [rule, 0] as const))
  interface Result {
    messages: { rule: string; message: string }[]
  }
  const linter = new DCLinter({ rules: off, quiet: true, debug: false, exclude: [] })
  const results: Result[] = linter.lintFiles([path], false)
  return results.flatMap(({ messages }) => messages.map(({ rule, message }) => `${rule}: ${message}`))
}

function temporary(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-compose-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('the file is one that compose takes, and a linter for it has nothing to say', async (t) => {
  t.strictSame(complaints(join(DEPLOY, 'compose.yaml')), [])
  const broken = join(temporary(t), 'compose.yaml')
  writeFileSync(broken, readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8').replace('mem_limit: 2g', 'memory: 2g'))
  t.match(complaints(broken).join(), /invalid-schema.*api-1/)
})

t.test('it asks for the name of the machine', async (t) => {
  t.throws(() => readCompose({}), /PUBLIC_HOST is required/)
})

t.test('nginx, two servers, a worker, migrations, Redis and PostgreSQL are run, each by a fixed version', async (t) => {
  t.strictSame(
    services.map(([name]) => name),
    ['nginx', 'api-1', 'api-2', 'worker', 'migrate', 'redis', 'postgres'],
  )
  for (const [name, { image }] of services)
    if (!image.startsWith('fluentmeet')) t.match(image, /^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/, name)
})

t.test('only nginx is reached from outside, and stores only by those who use them', async (t) => {
  t.strictSame(
    services.flatMap(([name, { ports }]) => (ports ? [name] : [])),
    ['nginx'],
  )
  t.match(compose.networks, { web: { internal: true }, data: { internal: true } })
  const networksOf = (name: string) => Object.keys(serviceOf(compose, name).networks ?? {})
  for (const name of ['redis', 'postgres', 'worker', 'migrate']) t.strictSame(networksOf(name), ['data'], name)
  t.strictSame(networksOf('nginx'), ['edge', 'web'])
})

t.test('every service is contained: no rights, no files to write, no more than its share', async (t) => {
  for (const [name, service] of services) {
    t.match(
      service,
      { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], init: true, pids_limit: Number },
      name,
    )
    t.match(service, { user: /^[1-9]\d*:[1-9]\d*$/, mem_limit: /^\d+[mg]$/, cpus: Number }, name)
    t.notOk(service.privileged || service.cap_add, name)
    for (const mount of service.volumes ?? []) t.match(mount, /:ro$|^(redis|postgres):/, name)
    for (const mount of service.tmpfs ?? []) t.match(mount, /:size=.*noexec/, name)
  }
})

t.test('what answers is asked whether it is well, and waited for', async (t) => {
  for (const name of ['nginx', 'redis', 'postgres']) t.ok(serviceOf(compose, name).healthcheck?.test, name)
  for (const name of ['api-1', 'api-2']) {
    const { healthcheck, depends_on } = serviceOf(compose, name)
    t.equal(healthcheck, undefined, 'the image brings it')
    t.match(depends_on, {
      migrate: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
      postgres: { condition: 'service_healthy' },
    })
  }
})

t.test('servers have longer to end than they take', async (t) => {
  const source = readFileSync(join(DEPLOY, '..', 'run-process.ts'), 'utf8')
  const shutdownMs = Number(/SHUTDOWN_MS = ([\d_]+)/.exec(source)?.[1]?.replaceAll('_', ''))
  t.ok(shutdownMs > 0)
  for (const [name, { stop_grace_period = '0s' }] of ours)
    t.ok(Number.parseInt(stop_grace_period, 10) * 1000 > shutdownMs, name)
})

t.test('the servers leave votes to the worker, believe nginx alone and know how many they are', async (t) => {
  const site = readFileSync(join(DEPLOY, 'compose', 'site.conf.template'), 'utf8')
  const servers = ['api-1', 'api-2'].map((name) => serviceOf(compose, name))
  for (const { environment, networks } of servers) {
    t.match(environment, { VOTE_CONSUMER: 'off', EXPECTED_PROCESSES: String(servers.length) })
    t.equal(environment?.TRUSTED_PROXIES, serviceOf(compose, 'nginx').networks?.web?.ipv4_address)
    t.match(site, `server ${networks?.web?.ipv4_address}:3000 `)
  }
  t.strictSame(serviceOf(compose, 'worker').command, ['scripts/vote-worker.ts'])
  t.strictSame(serviceOf(compose, 'migrate').command, ['scripts/migrate.ts'])
})

t.test('secrets are files that are mounted, and every setting is one that the server knows', async (t) => {
  for (const [name, { environment = {}, secrets = [] }] of services) {
    const names = Object.keys(environment)
    t.strictSame(bareSecrets(names), [], name)
    for (const [key, value] of Object.entries(environment))
      if (key.endsWith('_FILE')) t.ok(secrets.includes(basename(value)), `${name}: ${key}`)
    for (const secret of secrets) t.ok(compose.secrets[secret], `${name}: ${secret}`)
  }
  for (const [name, { environment = {} }] of ours) t.strictSame(unknownSettings(Object.keys(environment)), [], name)
  t.match(serviceOf(compose, 'redis').command, [
    'redis-server',
    '--aclfile',
    '/run/secrets/redis-acl',
    '--appendonly',
    'yes',
  ])
})

t.test('the secrets that are made let the server start, are kept, and are shut off from others', async (t) => {
  const folder = join(temporary(t), 'secrets')
  const make = () => spawnSync('sh', [join(DEPLOY, 'compose', 'make-secrets.sh'), folder], { encoding: 'utf8' })
  t.match(make(), { status: 0, stdout: /tls-certificate\n.*tls-key\n.*smtp-url/, stderr: '' })
  t.equal(statSync(folder).mode & 0o777, 0o700)
  const key = readFileSync(join(folder, 'secret-key'), 'utf8')
  writeFileSync(join(folder, 'smtp-url'), 'smtp://mail.example.org:587\n')
  t.notMatch(make().stdout, 'smtp-url')
  t.equal(readFileSync(join(folder, 'secret-key'), 'utf8'), key)
  chmodSync(folder, 0o700)
  for (const [name, { environment = {} }] of ours) {
    const env = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, String(value ?? '').replace('/run/secrets', folder)]),
    )
    const config = loadConfig(env, { dotenvPath: null })
    t.match(
      config,
      {
        ...{ environment: 'production', publicUrl: 'https://meet.example.org', requireEmailVerification: true },
        ...{ redisUrl: /^redis:\/\/fluentmeet:[0-9a-f]{64}@redis:6379$/, forceHttps: true },
      },
      name,
    )
  }
  const acl = readFileSync(join(folder, 'redis-acl'), 'utf8')
  t.notMatch(acl, readFileSync(join(folder, 'redis-password'), 'utf8').trim(), 'only its hash')
})
