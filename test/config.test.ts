import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { environmentName, settings } from '../config/schema.ts'
import { ConfigError, describeConfig, loadConfig } from '../config.ts'

const isolated = { dotenvPath: null, developmentKey: () => 'a development key' }
const random = () => randomBytes(48).toString('base64url')

const production = (changes: Record<string, string> = {}) => ({
  ENVIRONMENT: 'production',
  PUBLIC_URL: 'https://meet.example.org',
  DATABASE_URL: 'postgres://app:hunter2@db/fluentmeet',
  REDIS_URL: 'rediss://:hunter2@redis:6379',
  SECRET_KEY: random(),
  ALLOWED_ORIGINS: 'https://app.example.org',
  SMTP_URL: 'smtps://mail:hunter2@smtp.example.org',
  ...changes,
})

function problemsOf(env: NodeJS.ProcessEnv, options = {}): readonly string[] {
  try {
    loadConfig(env, { ...isolated, ...options })
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

/** Asserts that each value is refused, by one problem that names the setting. */
function refuses(t: Test, base: NodeJS.ProcessEnv, name: string, values: readonly string[]) {
  for (const value of values) {
    const problems = problemsOf({ ...base, [name]: value })
    t.equal(problems.length, 1, `${name}=${value}: ${problems.join(' | ')}`)
    t.match(problems[0], new RegExp(`^${name} `), `${name}=${value}`)
  }
}

t.test('development needs no setting at all', async (t) => {
  const config = loadConfig({}, isolated)
  t.match(config, {
    environment: 'development',
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://localhost:3000',
    databaseUrl: null,
    redisUrl: null,
    secretKey: 'a development key',
    requireEmailVerification: false,
    allowedOrigins: ['*'],
    allowedHosts: [],
    rateLimitOnRedisFailure: 'local',
    smtpUrl: null,
    metricsToken: null,
  })
  t.equal(config.dataDir, join(process.cwd(), 'data'))
})

t.test('the settings are frozen, lists too', async (t) => {
  const config = loadConfig({}, isolated)
  t.throws(() => Object.assign(config, { port: 1 }), TypeError)
  t.throws(() => (config.allowedOrigins as string[]).push('x'), TypeError)
})

t.test('production with everything safe is taken', async (t) => {
  const config = loadConfig(production({ TRUSTED_PROXIES: '10.0.0.0/8, ::1, 192.0.2.7' }), isolated)
  t.equal(config.requireEmailVerification, true)
  t.strictSame(config.trustedProxies, ['10.0.0.0/8', '::1', '192.0.2.7'])
  t.equal(config.mailFrom, 'FluentMeet <no-reply@meet.example.org>')
})

t.test('settings are normalised: empty is unset, lists lose blanks and repetitions', async (t) => {
  const config = loadConfig(
    {
      PORT: '',
      PUBLIC_URL: 'http://localhost:8080/',
      ALLOWED_ORIGINS: ' https://App.example.org:443 , http://localhost:5173,, http://localhost:5173',
      ALLOWED_HOSTS: 'Meet.example.org, [::1]:3000',
    },
    isolated,
  )
  t.equal(config.port, 3000)
  t.equal(config.publicUrl, 'http://localhost:8080')
  t.strictSame(config.allowedOrigins, ['https://app.example.org', 'http://localhost:5173'])
  t.strictSame(config.allowedHosts, ['meet.example.org', '[::1]:3000'])
})

t.test('another port is in the public address of development', async (t) => {
  t.equal(loadConfig({ PORT: '4000' }, isolated).publicUrl, 'http://localhost:4000')
})

t.test('a malformed value is refused by name, in every environment', async (t) => {
  const malformed = {
    ENVIRONMENT: ['prod', 'Development', 'test'],
    HOST: ['a b', '-x', 'http://x'],
    PORT: ['65536', '-1', '3000.5', '0x10', '1e3', 'http'],
    PUBLIC_URL: ['localhost:3000', 'ftp://x', 'http://x/path', 'http://u:p@x', 'http://x?q', 'https://*.x.org'],
    DATABASE_URL: ['mysql://x/y', 'x'],
    REDIS_URL: ['http://x', 'localhost:6379', 'redis://a,b:x', 'redis://a,b/1'],
    SMTP_URL: ['http://x', 'mail.example.org'],
    ACCESS_TOKEN_TTL_SECONDS: ['0', 'soon'],
    REQUIRE_EMAIL_VERIFICATION: ['yes', '1', 'TRUE'],
    ALLOWED_ORIGINS: [
      'null',
      'app.example.org',
      'https://a.org/path',
      'https://a.org/',
      'https://*.a.org',
      'ws://a.org',
    ],
    ALLOWED_HOSTS: ['*', 'a b', 'x:99999', 'http://x'],
    TRUSTED_PROXIES: ['1', 'true', 'loopback', '10.0.0.0/33', '10.0.0.0/x', '10.0.0', '::1%eth0', '10.0.0.0/8/8'],
    RATE_LIMIT_ON_REDIS_FAILURE: ['shut'],
    EXPECTED_PROCESSES: ['0'],
    MAIL_FROM: ['nobody', 'a@b\r\nBcc: c@d'],
    LOG_LEVEL: ['verbose'],
  }
  for (const [name, values] of Object.entries(malformed)) refuses(t, {}, name, values)
})

t.test('trusting the whole internet as a proxy is refused', async (t) => {
  refuses(t, {}, 'TRUSTED_PROXIES', ['0.0.0.0/0', '::/0', '128.0.0.0/1', '::ffff:0:0/96'])
})

t.test('votes that nobody else could count are counted inside', async (t) => {
  refuses(t, {}, 'VOTE_CONSUMER', ['off', 'elsewhere'])
  t.same(problemsOf({ VOTE_CONSUMER: 'off', REDIS_URL: 'redis://localhost' }), [])
})

t.test('an idle limit beyond the absolute one is refused', async (t) => {
  refuses(t, {}, 'REFRESH_TOKEN_IDLE_DAYS', ['31'])
})

for (const environment of ['staging', 'production']) {
  t.test(`${environment} names every missing setting at once`, async (t) => {
    const named = problemsOf({ ENVIRONMENT: environment }).map((problem) => problem.split(' ')[0])
    t.strictSame(named.sort(), ['ALLOWED_ORIGINS', 'DATABASE_URL', 'PUBLIC_URL', 'REDIS_URL', 'SECRET_KEY', 'SMTP_URL'])
  })

  t.test(`${environment} refuses unsafe values`, async (t) => {
    const base = production({ ENVIRONMENT: environment })
    t.strictSame(problemsOf(base), [])
    refuses(t, base, 'ALLOWED_ORIGINS', ['*', 'null', 'http://app.example.org', 'https://app.example.org,*', ','])
    refuses(t, base, 'PUBLIC_URL', ['http://meet.example.org'])
    refuses(t, base, 'METRICS_TOKEN', ['short'])
    for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'])
      refuses(t, base, name, [
        'short',
        random().slice(0, 31),
        'a'.repeat(64),
        'abc123XYZ!'.repeat(5),
        'abcdefghijklmnopqrstuvwxyz0123456789',
        '0101010010101110101001010101010101010010',
        `changeme-${random()}`,
        'my-super-secret-key-for-this-nice-service',
      ])
  })
}

t.test('random keys of every usual notation are taken', async (t) => {
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    const keys = Array.from({ length: 200 }, () => randomBytes(32).toString(encoding))
    t.strictSame(
      keys.flatMap((key) => problemsOf(production({ SECRET_KEY: key }))),
      [],
      encoding,
    )
  }
})

t.test('the key before must be another one', async (t) => {
  const key = random()
  t.match(problemsOf(production({ SECRET_KEY: key, SECRET_KEY_PREVIOUS: key })), [
    /^SECRET_KEY_PREVIOUS must not be the same/,
  ])
})

t.test('without verification of addresses production needs no SMTP', async (t) => {
  t.strictSame(problemsOf(production({ SMTP_URL: '', REQUIRE_EMAIL_VERIFICATION: 'false' })), [])
})

t.test('problems of every kind come together, and none shows a secret', async (t) => {
  const env = production({
    PORT: 'x',
    DATABASE_URL: 'mysql://u:hunter2@x/y',
    SECRET_KEY: 'hunter2',
    REDIS_URL: 'hunter2',
  })
  const problems = problemsOf(env)
  t.equal(problems.length, 4)
  t.notMatch(problems.join('\n'), 'hunter2')
})

t.test('a secret may come from a file, whose last line break is not part of it', async (t) => {
  const key = random()
  const folder = t.testdir({ key: `${key}\r\n`, url: 'redis://:hunter2@r\n', empty: '\n' })
  const env = { ...production(), SECRET_KEY: '', REDIS_URL: '' }
  const config = loadConfig(
    { ...env, SECRET_KEY_FILE: join(folder, 'key'), REDIS_URL_FILE: join(folder, 'url') },
    isolated,
  )
  t.equal(config.secretKey, key)
  t.equal(config.redisUrl, 'redis://:hunter2@r')
  t.match(problemsOf({ ...production(), SECRET_KEY_FILE: join(folder, 'key') }), [/^SECRET_KEY and SECRET_KEY_FILE/])
  t.match(problemsOf({ ...production(), SECRET_KEY: '', SECRET_KEY_FILE: join(folder, 'no') }), [
    /^SECRET_KEY_FILE .*ENOENT/,
  ])
  t.match(problemsOf({ SECRET_KEY_FILE: join(folder, 'empty') }), [/^SECRET_KEY_FILE names an empty file/])
})

t.test('only secrets have files; other variables are not looked at', async (t) => {
  t.equal(loadConfig({ PORT_FILE: '/nowhere', SOMETHING_ELSE: 'x' }, isolated).port, 3000)
})

t.test('.env adds to the environment in development, and the environment wins', async (t) => {
  const content = '# mine\nPORT=4000\nLOG_LEVEL="debug"\nSECRET_KEY=from-the-file\n'
  const folder = t.testdir({ '.env': content, key: 'from the environment' })
  const options = { ...isolated, dotenvPath: join(folder, '.env') }
  t.match(loadConfig({ PORT: '5000' }, options), { port: 5000, logLevel: 'debug', secretKey: 'from-the-file' })
  t.equal(loadConfig({ SECRET_KEY_FILE: join(folder, 'key') }, options).secretKey, 'from the environment')
  t.equal(loadConfig({}, { ...isolated, dotenvPath: '/nowhere/.env' }).port, 3000)
})

t.test('.env is not read elsewhere, and cannot make a development machine something else', async (t) => {
  const dotenvPath = join(t.testdir({ '.env': 'LOG_LEVEL=debug\nENVIRONMENT=production\n' }), '.env')
  t.equal(loadConfig(production(), { ...isolated, dotenvPath }).logLevel, 'info')
  t.match(problemsOf({}, { dotenvPath }), [/^ENVIRONMENT must come from the environment/])
  t.match(problemsOf({}, { dotenvPath: t.testdirName }), [/cannot be read/])
})

t.test('the settings are shown with secrets masked', async (t) => {
  const lines = describeConfig(loadConfig(production({ METRICS_TOKEN: 'hunter2-hunter2-hunter2' }), isolated))
  t.notMatch(lines.join('\n'), 'hunter2')
  t.ok(lines.includes('DATABASE_URL=********'))
  t.ok(lines.includes('ALLOWED_ORIGINS=https://app.example.org'))
  t.equal(lines.length, settings().length)
})

t.test('.env.example lists every setting with its default and a line of meaning', async (t) => {
  const text = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
  const listed = new Map(
    [...text.matchAll(/^(?:# .+\n)+([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  t.strictSame(
    [...listed.keys()],
    settings().map(({ name }) => name),
  )
  const defaults = loadConfig({}, isolated)
  t.strictSame({ ...loadConfig(Object.fromEntries(listed), isolated) }, { ...defaults })
  t.equal(listed.get('RATE_LIMIT_AUTH_PER_MINUTE'), String(defaults.rateLimitAuthPerMinute))
})

t.test('names of variables follow from names of settings', async (t) => {
  t.equal(environmentName('maxAudioSizeMb'), 'MAX_AUDIO_SIZE_MB')
  t.equal(environmentName('rateLimitOnRedisFailure'), 'RATE_LIMIT_ON_REDIS_FAILURE')
})
