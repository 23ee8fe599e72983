import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { developmentSecretKey, weakness } from '../../config/secret-key.ts'

const run = promisify(execFile)
const MODULE = join(import.meta.dirname, '..', '..', 'config', 'secret-key.ts')

t.test('a development key is made once, strong, and for the owner alone', async (t) => {
  const dataDir = join(t.testdir(), 'new', 'data')
  const key = developmentSecretKey(dataDir)
  t.equal(weakness(key), null)
  t.equal(developmentSecretKey(dataDir), key)
  t.equal(statSync(join(dataDir, 'secret-key')).mode & 0o777, 0o600)
  t.strictSame(readdirSync(dataDir), ['secret-key'])
})

t.test('processes that start together agree on one key', async (t) => {
  const dataDir = t.testdir()
  const code = `import(${JSON.stringify(MODULE)}).then((m) => process.stdout.write(m.developmentSecretKey(${JSON.stringify(dataDir)})))`
  const keys = await Promise.all(Array.from({ length: 6 }, () => run(process.execPath, ['-e', code])))
  t.equal(new Set(keys.map(({ stdout }) => stdout)).size, 1)
  t.equal(readFileSync(join(dataDir, 'secret-key'), 'utf8').trim(), keys[0]?.stdout)
})

t.test('a key that cannot be kept is an error', async (t) => {
  const file = join(t.testdir({ file: '' }), 'file')
  t.throws(() => developmentSecretKey(file))
})
