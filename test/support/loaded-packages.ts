import { mkdtempSync, rmSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A process of its own: builds an app with the given settings and prints which packages it has loaded, a line each.

const seen = new Set<string>()
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(found.url) ?? []
    if (name) seen.add(name)
    return found
  },
})

const { buildApp } = await import('../../app.ts')
const { testConfig } = await import('../helper.ts')
const dataDir = mkdtempSync(join(tmpdir(), 'fluentmeet-loaded-'))
const app = await buildApp(testConfig({ dataDir, ...JSON.parse(process.argv[2] ?? '{}') }), { translator: null })
await app.inject('/health')
await app.close()
rmSync(dataDir, { recursive: true, force: true })
console.log([...seen].sort().join('\n'))
