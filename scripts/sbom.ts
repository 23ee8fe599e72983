import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// `npm run sbom`: the packages that are shipped, as CycloneDX on standard output.
// npm's own `--omit dev` also leaves out what is shipped and used in development: ws, ajv. So it is given a project without development.

interface Package {
  dev?: boolean
  devDependencies?: object
}

const root = join(import.meta.dirname, '..')
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'))
const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-sbom-'))

try {
  const { devDependencies: _, ...manifest } = read('package.json')
  const lock = read('package-lock.json') as { packages: Record<string, Package> }
  const shipped = Object.entries(lock.packages).filter(([, { dev }]) => !dev)
  const packages = Object.fromEntries(shipped.map(([path, { devDependencies: _, ...about }]) => [path, about]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages }))
  const made = spawnSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  process.stdout.write(made.stdout)
  process.stderr.write(made.stderr)
  process.exitCode = made.status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
