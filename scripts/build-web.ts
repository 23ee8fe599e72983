import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
/** What the browser client is made of. */
const SOURCES = [
  'web/index.html',
  'web/vite.config.ts',
  'web/src',
  'clients/typescript/src',
  'routes/web',
  'package-lock.json',
]
const BUILT = join(root, 'web', 'dist', 'index.html')

/** Builds the browser client into `web/dist`. Throws where Vite is not installed, as with `npm ci --omit=dev`. */
export async function buildWeb(): Promise<void> {
  const { build } = await import('vite')
  await build({ configFile: join(root, 'web', 'vite.config.ts'), logLevel: 'warn' })
}

/** The same, when there is none yet or something it is made of has changed since. */
export async function buildWebIfStale(): Promise<void> {
  const built = changedAt(BUILT)
  if (SOURCES.some((source) => newest(join(root, source)) > built)) await buildWeb()
}

function newest(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0
  return Math.max(...readdirSync(path).map((name) => newest(join(path, name))), 0)
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (import.meta.main) await buildWeb()
