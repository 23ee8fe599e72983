import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Installs what is measured beside us, unless it is there: `bench/package.json` names it, with its lock file. */
export function installPeers(): void {
  if (existsSync(join(import.meta.dirname, 'node_modules'))) return
  console.error('Installing what to compare with (bench/package.json), from the npm registry…')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', args, { cwd: import.meta.dirname, stdio: ['ignore', 'ignore', 'inherit'] })
}
