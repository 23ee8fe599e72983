import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs what is measured beside us, unless it is there: `bench/package.json` names it, with its lock file. */
export function installPeers(): void {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const isThere = (name: string) => existsSync(join(import.meta.dirname, 'node_modules', name))
  if (Object.keys(devDependencies).every(isThere)) return
  console.error('Installing what to compare with (bench/package.json), from the npm registry…')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] })
}
