import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { listen } from '../../../test/support/meeting-app.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const source = join(import.meta.dirname, '..')
/** A program as a user's shell runs it: tap puts options of its own before every Node. */
const run = (program: string, args: readonly string[], cwd: string) =>
  promisify(execFile)(
    'env',
    ['-u', 'NODE_OPTIONS', `PATH=${join(root, 'node_modules', '.bin')}:${process.env.PATH}`, program, ...args],
    { cwd },
  )
const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'fluentmeet-client-'))
t.teardown(() => rmSync(scratch, { recursive: true, force: true }))

/** Packed as it would be published, from a copy: `dist` is made anew there. Resolves to the paths that are in it. */
async function pack(): Promise<string[]> {
  const folder = join(scratch, 'clients', 'typescript')
  cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith('/dist') })
  cpSync(join(root, 'tsconfig.json'), join(scratch, 'tsconfig.json'))
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', scratch], folder)
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as { filename: string; files: { path: string }[] }[]
  if (!packed) throw new Error(stdout)
  const installed = join(scratch, 'node_modules', '@fluentmeet', 'client')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', join(scratch, packed.filename), '-C', installed, '--strip-components=1'], scratch)
  return packed.files.map(({ path }) => path).sort()
}

/** As somebody would write it who has installed the package. */
const CONSUMER = `
import { createApi, createVisit, FluentMeetError, type Caption } from '@fluentmeet/client'

const [baseUrl = '', roomCode = ''] = process.argv.slice(2)
const visit = createVisit(createApi({ baseUrl }), roomCode)
const { participant } = await visit.join({ display_name: 'Ben' })
const socket = visit.socket()
socket.on('caption', (caption: Caption) => {
  console.log(participant.display_name + ': ' + caption.text)
  socket.close()
})
socket.connect().say('Hello.')
await socket.over
await visit.call('POST /meetings/{room_code}/end', { params: visit.room }).catch((error: unknown) => {
  if (error instanceof FluentMeetError) console.log(error.code)
})
`

/** What the types must not let through. */
const WRONG = [
  `api.call('POST /meetings')`,
  `api.call('POST /meetings', { body: { title: 'x' } })`,
  `api.call('POST /meeting', { body: { name: 'x' } })`,
  `api.call('GET /meetings/{room_code}', { params: { code: 'x' } })`,
  `(await api.call('GET /users/me')).password`,
  `socket.send({ type: 'say', words: 'x' })`,
  `socket.on('captions', () => {})`,
  `socket.on('caption', ({ words }) => words)`,
]

t.test('the package', async (t) => {
  const files = await pack()

  await t.test(
    'holds what was built, with types, and nothing else; version and licence are the server’s',
    async (t) => {
      const built = files.filter((path) => path.startsWith('dist/'))
      t.strictSame(
        files.filter((path) => !built.includes(path)),
        ['LICENSE', 'README.md', 'package.json'],
      )
      const modules = (readdirSync(join(source, 'src'), { recursive: true }) as string[]).filter((path) =>
        path.endsWith('.ts'),
      )
      const expected = modules.flatMap((path) => ['.js', '.d.ts'].map((end) => `dist/${path.replace(/\.ts$/, end)}`))
      t.strictSame(built, expected.sort())
      const [own, server] = [manifest(source), manifest(root)]
      t.strictSame([own.version, own.license], [server.version, server.license])
      t.equal(own.dependencies, undefined)
      t.equal(readFileSync(join(source, 'LICENSE'), 'utf8'), readFileSync(join(root, 'LICENSE'), 'utf8'))
    },
  )

  await t.test('is used with its types, with a bundler’s resolution and with Node’s', async (t) => {
    writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(scratch, 'consumer.ts'), CONSUMER)
    const wrong = WRONG.map((line) => `// @ts-expect-error\n;${line}`).join('\n')
    const uses = `import { createApi, createVisit } from '@fluentmeet/client'
      const api = createApi({ baseUrl: '' })
      const socket = createVisit(api, 'x').socket()\n${wrong}\n`
    writeFileSync(join(scratch, 'wrong.ts'), uses)
    const readme = readFileSync(join(source, 'README.md'), 'utf8')
    const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)
    t.equal(examples.length, 5)
    writeFileSync(join(scratch, 'readme.ts'), examples.join('\n'))
    cpSync(join(root, 'node_modules', '@types', 'node'), join(scratch, 'node_modules', '@types', 'node'), {
      recursive: true,
    })
    cpSync(join(root, 'node_modules', 'undici-types'), join(scratch, 'node_modules', 'undici-types'), {
      recursive: true,
    })
    for (const flags of [
      ['--module', 'nodenext', '--types', 'node', '--lib', 'es2023'],
      ['--module', 'esnext', '--moduleResolution', 'bundler', '--types', 'node', '--lib', 'es2023,dom'],
    ]) {
      const args = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        ...flags,
        'consumer.ts',
        'wrong.ts',
        'readme.ts',
      ]
      const { stdout } = await run('tsc', args, scratch).catch((error: { stdout: string }) => error)
      t.equal(stdout, '', flags.join(' '))
    }
  })

  await t.test('attends a meeting', async (t) => {
    const app = await listen(t)
    const code = await app.room(await app.user('en'))
    const { stdout } = await run('node', ['consumer.ts', app.base, code], scratch)
    t.equal(stdout, 'Ben: Hello.\nFORBIDDEN\n')
  })
})
