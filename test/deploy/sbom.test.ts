import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..', '..')

t.test(
  'the bill of materials names every package that is shipped, with version, licence and hash, and no other',
  async (t) => {
    const { status, stdout, stderr } = spawnSync('npm', ['run', '-s', 'sbom'], { cwd: root, encoding: 'utf8' })
    t.equal(status, 0, stderr)
    const bill = JSON.parse(stdout) as {
      bomFormat: string
      components: { name: string; version: string; hashes?: object[]; licenses?: object[] }[]
    }
    t.equal(bill.bomFormat, 'CycloneDX')
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; dev?: boolean }>
    }
    const shipped = Object.entries(lock.packages).flatMap(([path, { version, dev }]) =>
      path === '' || dev ? [] : [`${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`],
    )
    t.ok(shipped.length > 100)
    t.strictSame(new Set(bill.components.map(({ name, version }) => `${name}@${version}`)), new Set(shipped))
    for (const { name, hashes, licenses } of bill.components) t.ok(hashes?.length && licenses?.length, name)
  },
)
