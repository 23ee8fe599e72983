import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// `npm run bench`: every `bench:…` of package.json, one after another, each of which makes its part of docs/benchmarks.md anew. One that
// fails, as where the speech engines are not set up, keeps none of the others from running.

const root = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const names = Object.keys(scripts).filter((name) => name.startsWith('bench:') && name !== 'bench:page')

const failed = names.filter((name) => {
  console.error(`\nnpm run ${name}`)
  return spawnSync('npm', ['run', '--silent', name], { cwd: root, stdio: 'inherit' }).status !== 0
})

if (failed.length > 0) {
  console.error(`\nfailed: ${failed.join(', ')}`)
  process.exitCode = 1
}
