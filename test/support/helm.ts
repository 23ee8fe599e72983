import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parseAllDocuments, stringify } from 'yaml'
import { findHelm } from '../../scripts/setup/helm.ts'

const root = join(import.meta.dirname, '..', '..')
export const CHART = join(root, 'deploy', 'helm', 'fluentmeet')

export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> }
  // biome-ignore lint/suspicious/noExplicitAny: every kind has another; what it is allowed to be is checked by `strictProblems`.
  spec?: any
  data?: Record<string, string>
  automountServiceAccountToken?: boolean
}

/** What an installation cannot do without. */
export const REQUIRED = {
  publicHost: 'meet.example.org',
  image: { repository: 'registry.example.org/fluentmeet' },
  secrets: { existingSecret: 'fluentmeet' },
  trustedProxies: ['10.0.0.0/8'],
  ingress: { tlsSecret: 'meet-tls' },
}

/** Runs helm on the chart with values given by standard input. */
export function helm(command: readonly string[], values: object) {
  const program = findHelm()
  if (!program) throw new Error('helm is missing: npm run setup')
  const { status, stdout, stderr } = spawnSync(program, [...command, CHART, '--values', '-'], {
    input: stringify(values),
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: tmpdir() },
  })
  return { status, stdout, stderr }
}

/** The manifests that Helm itself makes of the chart. */
export function render(values: object): Manifest[] {
  const { status, stdout, stderr } = helm(['template', 'meet', '--namespace', 'meetings'], values)
  if (status !== 0) throw new Error(stderr)
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    return document.toJS() as Manifest
  })
}

/** The one manifest of a kind whose component is this. */
export function find(manifests: readonly Manifest[], kind: string, component = 'server'): Manifest {
  const found = manifests.filter(
    (manifest) => manifest.kind === kind && manifest.metadata.labels['app.kubernetes.io/component'] === component,
  )
  if (found.length !== 1 || !found[0]) throw new Error(`there are ${found.length} of ${kind} for ${component}`)
  return found[0]
}

/** What Kubernetes' own schemas have against manifests: types, formats and patterns. */
export async function schemaProblems(manifests: readonly Manifest[]): Promise<string[]> {
  const problems: string[] = []
  for (const manifest of manifests) {
    const { [manifest.kind]: Model } = await import(`kubernetes-models/${manifest.apiVersion}/${manifest.kind}`)
    try {
      new Model(manifest).validate()
    } catch (error) {
      problems.push(`${manifest.kind} ${manifest.metadata.name}: ${String(error)}`)
    }
  }
  return problems
}

/** The same for fields that no schema knows, which the compiler finds: a misspelt field would do nothing, and nobody would be told. */
export function unknownFields(t: Test, manifests: readonly Manifest[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-manifests-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const statements = manifests.map(
    (manifest, i) =>
      `import type { I${manifest.kind} as T${i} } from 'kubernetes-models/${manifest.apiVersion}/${manifest.kind}'\n` +
      `export const manifest${i}: T${i} = ${JSON.stringify(manifest)}\n`,
  )
  writeFileSync(join(folder, 'manifests.ts'), statements.join(''))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const settings = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--types',
    '',
  ]
  // By `env`: what tap adds to a child's environment the compiler cannot live with.
  const compiler = [process.execPath, join(root, 'node_modules', 'typescript', 'bin', 'tsc')]
  const { stdout, stderr } = spawnSync('env', ['-i', ...compiler, ...settings, 'manifests.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  return stdout + stderr
}
