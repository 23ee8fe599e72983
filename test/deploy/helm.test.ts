import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../config.ts'
import { find, helm, type Manifest, REQUIRED, render, schemaProblems, unknownFields } from '../support/helm.ts'
import { bareSecrets, SECRETS, unknownSettings } from '../support/known-settings.ts'
import { type PodSpec, restrictedProblems } from '../support/pod-security.ts'

const manifests = render(REQUIRED)
/** Everything that is not as by default. */
const other = render({
  ...REQUIRED,
  image: { repository: 'registry.example.org/fluentmeet', digest: `sha256:${'0'.repeat(64)}`, pullSecrets: ['pull'] },
  secrets: { existingSecret: 'fluentmeet', optionalKeys: ['secret-key-previous', 'translate-key'], revision: 2 },
  settings: {
    TRANSLATE_ENGINE: 'deepl',
    ALLOWANCE_AUDIO_MINUTES_PER_DAY: 60,
    MAIL_FROM: 'Meet <no-reply@example.org>',
  },
  metrics: { port: 0 },
  server: { replicas: 3, autoscaling: { enabled: false } },
  ingress: { enabled: false },
  networkPolicy: {
    egress: { redis: { port: 6380, to: [{ ipBlock: { cidr: '10.1.0.0/16' } }] }, engines: [{ port: 443 }] },
  },
  nodeSelector: { 'kubernetes.io/arch': 'amd64' },
  tolerations: [{ key: 'meetings', operator: 'Exists' }],
  priorityClassName: 'high',
})

const podOf = ({ spec }: Manifest): PodSpec => spec.template.spec
const PODS = [
  ['Deployment', 'server'],
  ['Deployment', 'worker'],
  ['Job', 'migrate'],
] as const
const pods = (from: readonly Manifest[]) =>
  PODS.map(([kind, component]) => find(from, kind, component).spec.template.spec)
const secretsOf = (pod: { volumes: { name: string; secret?: { items: { key: string }[] } }[] }) =>
  pod.volumes.find(({ name }) => name === 'secrets')?.secret?.items.map(({ key }) => key)

t.test('Helm finds nothing wrong, and Kubernetes would take all of it', async (t) => {
  t.match(helm(['lint', '--strict'], REQUIRED), { status: 0, stdout: '0 chart(s) failed' })
  for (const rendered of [manifests, other]) {
    t.strictSame(await schemaProblems(rendered), [])
    t.equal(unknownFields(t, rendered), '')
  }
  const misspelt = structuredClone(manifests)
  find(misspelt, 'Deployment').spec.template.spec.containers[0].securityContext.readOnlyRootFileSystem = true
  find(misspelt, 'Service').spec.ports[0].port = 'eighty'
  t.match(unknownFields(t, misspelt), 'readOnlyRootFileSystem')
  t.match((await schemaProblems(misspelt)).join(), /Service meet-fluentmeet/)
})

t.test('what is missing or wrong is refused before anything is installed', async (t) => {
  const refused = (values: object) => {
    const { status, stderr } = helm(['template', 'meet'], values)
    t.equal(status, 1)
    return stderr
  }
  const nothing = refused({})
  for (const name of ['publicHost', 'image/repository', 'secrets/existingSecret', 'trustedProxies'])
    t.match(nothing, name)
  t.match(refused({ ...REQUIRED, ingress: {} }), 'ingress.tlsSecret is required')
  t.match(refused({ ...REQUIRED, replicas: 3 }), 'replicas')
  for (const name of SECRETS) t.match(refused({ ...REQUIRED, settings: { [name]: 'x' } }), name)
  t.match(refused({ ...REQUIRED, image: { repository: 'x', tag: 'latest' } }), 'tag')
})

t.test('every Pod keeps to the restricted standard, writes nowhere but to /tmp and speaks to no API', async (t) => {
  for (const pod of [...pods(manifests), ...pods(other)]) {
    t.strictSame(restrictedProblems(pod), [])
    t.equal(pod.automountServiceAccountToken, false)
    for (const { securityContext, volumeMounts, resources } of pod.containers) {
      t.equal(securityContext.readOnlyRootFilesystem, true)
      t.strictSame(volumeMounts.filter((mount: { readOnly?: boolean }) => !mount.readOnly).length, 1)
      t.match(resources, { requests: { cpu: String, memory: String }, limits: { memory: String } })
    }
  }
  t.equal(find(manifests, 'ServiceAccount').automountServiceAccountToken, false)
  t.ok(restrictedProblems({ containers: [{ name: 'x' }], volumes: [{ name: 'y', hostPath: {} }] }).length >= 5)
})

t.test('the server is asked whether it started, is ready and lives, and has time to end', async (t) => {
  const pod = podOf(find(manifests, 'Deployment')) as PodSpec & { terminationGracePeriodSeconds: number }
  t.match(pod.containers[0], {
    startupProbe: { httpGet: { path: '/readyz', port: 'http' } },
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
    livenessProbe: { httpGet: { path: '/livez', port: 'http' } },
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
  })
  const source = readFileSync(join(import.meta.dirname, '..', '..', 'run-process.ts'), 'utf8')
  const shutdownS = Number(/SHUTDOWN_MS = ([\d_]+)/.exec(source)?.[1]?.replaceAll('_', '')) / 1000
  t.ok(shutdownS > 0 && pod.terminationGracePeriodSeconds > shutdownS + 5)
  t.match(find(manifests, 'Deployment').spec.strategy.rollingUpdate, { maxSurge: 1, maxUnavailable: 0 })
  t.equal(pod.containers[0]?.name, 'server')
})

t.test('servers grow and shrink by load, are spread, and go one at a time', async (t) => {
  t.match(find(manifests, 'HorizontalPodAutoscaler').spec, {
    scaleTargetRef: { kind: 'Deployment', name: find(manifests, 'Deployment').metadata.name },
    minReplicas: 2,
    maxReplicas: 6,
  })
  t.notOk('replicas' in find(manifests, 'Deployment').spec, 'the autoscaler says how many')
  t.equal(find(other, 'Deployment').spec.replicas, 3)
  t.throws(() => find(other, 'HorizontalPodAutoscaler'))
  t.equal(find(manifests, 'ConfigMap').data?.EXPECTED_PROCESSES, '6')
  t.equal(find(other, 'ConfigMap').data?.EXPECTED_PROCESSES, '3')
  for (const component of ['server', 'worker']) {
    const { selector, template } = find(manifests, 'Deployment', component).spec
    t.strictSame(find(manifests, 'PodDisruptionBudget', component).spec, {
      ...{ maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector },
    })
    t.hasProps(template.metadata.labels, Object.keys(selector.matchLabels))
    t.strictSame(
      template.spec.topologySpreadConstraints.map((one: { topologyKey: string }) => one.topologyKey),
      ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'],
    )
  }
})

t.test('only the ingress controller comes in, and only what is used is gone to', async (t) => {
  const ports = (rules: { ports: { port: unknown }[] }[]) => rules.flatMap((rule) => rule.ports.map(({ port }) => port))
  const policy = (from: readonly Manifest[], component: string) => find(from, 'NetworkPolicy', component).spec
  for (const [component, out] of [
    ['server', [5432, 6379, 587]],
    ['worker', [5432, 6379]],
    ['migrate', [5432]],
  ] as const) {
    const { policyTypes, podSelector, egress, ingress } = policy(manifests, component)
    t.strictSame(policyTypes, ['Ingress', 'Egress'])
    t.equal(podSelector.matchLabels['app.kubernetes.io/component'], component)
    t.strictSame(ports(egress), [53, 53, ...out])
    const came = { server: ['http', 'metrics'], worker: ['metrics'], migrate: [] }
    t.strictSame(ports(ingress), came[component])
  }
  t.match(policy(manifests, 'server').ingress[0].from, [{ namespaceSelector: {} }])
  t.strictSame(ports(policy(other, 'server').ingress), ['http'], 'without metrics')
  t.strictSame(policy(other, 'worker').ingress, [])
  t.strictSame(ports(policy(other, 'server').egress), [53, 53, 5432, 6380, 587, 443])
  t.strictSame(policy(other, 'worker').egress.at(-1).to, [{ ipBlock: { cidr: '10.1.0.0/16' } }])
})

t.test('the ingress speaks TLS, waits longer than sockets are silent and takes recordings', async (t) => {
  const { metadata, spec } = find(manifests, 'Ingress')
  t.match(spec, {
    tls: [{ hosts: ['meet.example.org'], secretName: 'meet-tls' }],
    rules: [{ host: 'meet.example.org', http: { paths: [{ backend: { service: { name: 'meet-fluentmeet' } } }] } }],
  })
  t.match(metadata.annotations, {
    'nginx.ingress.kubernetes.io/proxy-read-timeout': '75',
    'nginx.ingress.kubernetes.io/proxy-body-size': '11m',
    'nginx.org/websocket-services': 'meet-fluentmeet',
  })
  t.throws(() => find(other, 'Ingress'))
})

t.test('migrations run before anything of a new version, with nothing that is not there yet', async (t) => {
  const { metadata, spec } = find(manifests, 'Job', 'migrate')
  t.equal(metadata.annotations?.['helm.sh/hook'], 'pre-install,pre-upgrade')
  const [container] = spec.template.spec.containers
  t.strictSame(container.args, ['scripts/migrate.ts'])
  t.notOk(container.envFrom)
  t.notOk(spec.template.spec.serviceAccountName)
})

t.test('no manifest holds a secret: they are files of a Secret that is there, and the settings boot', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-helm-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const contents: Record<string, string> = {
    'database-url': 'postgres://u:p@postgres/f',
    'redis-url': 'redis://:p@redis',
    'secret-key': 'fPq0Ys6zVh1mJkT8wRb3nXc7LdGa5EuQiOo29MvCtNe4',
    'secret-key-previous': 'Z3bWq8Lk0TnYx5RvHc1JfPm7SgDa2EuOiKo64XwBtMe9',
    'smtp-url': 'smtp://mail.example.org',
    'translate-key': 'a-key',
  }
  for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text)
  for (const rendered of [manifests, other]) {
    t.notOk(rendered.some(({ kind }) => kind === 'Secret'))
    const { data = {} } = find(rendered, 'ConfigMap')
    t.strictSame(bareSecrets(Object.keys(data)), [])
    t.strictSame(unknownSettings(Object.keys(data)), [])
    const [server, worker, migrate] = pods(rendered)
    const { env } = migrate.containers[0]
    t.strictSame(Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value])), data)
    for (const pod of [server, worker, migrate])
      for (const [name, path] of Object.entries(data))
        if (name.endsWith('_FILE')) t.ok(secretsOf(pod)?.includes(path.replace('/run/secrets/fluentmeet/', '')), name)
    const read = Object.entries(data).map(([name, value]) => [name, value.replace('/run/secrets/fluentmeet', folder)])
    const config = loadConfig(Object.fromEntries(read), { dotenvPath: null })
    t.match(config, { environment: 'production', publicUrl: 'https://meet.example.org', voteConsumer: 'off' })
    t.strictSame(config.trustedProxies, ['10.0.0.0/8'])
  }
  t.match(find(other, 'ConfigMap').data, { ALLOWANCE_AUDIO_MINUTES_PER_DAY: '60' })
  t.match(find(manifests, 'ConfigMap').data, { METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' })
})

t.test('Pods are made anew when a setting or the secret changes, and run a version that is named', async (t) => {
  const annotations = (from: readonly Manifest[]) => find(from, 'Deployment').spec.template.metadata.annotations
  const changed = render({ ...REQUIRED, secrets: { existingSecret: 'fluentmeet', revision: 2 } })
  t.notSame(annotations(changed), annotations(manifests))
  t.same(annotations(render(REQUIRED)), annotations(manifests))
  for (const pod of pods(manifests)) t.equal(pod.containers[0].image, 'registry.example.org/fluentmeet:0.1.0')
  for (const pod of pods(other)) t.match(pod.containers[0].image, /@sha256:0{64}$/)
})
