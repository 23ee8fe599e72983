import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { Test } from 'tap'
import { findProgram } from '../../scripts/setup/programs.ts'
import { type Shipped, writeConfiguration } from './nginx-configuration.ts'
import { freePort } from './ports.ts'

export interface Nginx {
  /** https. This process trusts its certificate. */
  readonly url: string
  readonly httpUrl: string
  /** The certificate, for processes of their own: NODE_EXTRA_CA_CERTS. */
  readonly certificate: string
  /** What `nginx -t` says of the configuration that is shipped. */
  readonly check: { status: number | null; text: string }
  log(): string
}

/** Ports for nginx, so that what stands behind it can be told its address first. */
export async function nginxPorts(): Promise<{ https: number; http: number; url: string }> {
  const [https, http] = [await freePort(), await freePort()]
  return { https, http, url: `https://localhost:${https}` }
}

/** A real nginx with the shipped configuration in front of the processes, with a certificate made for it. Ended with the test. */
export async function startNginx(
  t: Test,
  ports: Awaited<ReturnType<typeof nginxPorts>>,
  processes: readonly [string, string],
  shipped: Shipped = 'alone',
): Promise<Nginx> {
  const nginx = findProgram('nginx')
  if (!nginx) throw new Error('nginx is missing')
  const folder = mkdtempSync(join(tmpdir(), 'fluentmeet-nginx-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const [certificate, key, log] = ['cert.pem', 'key.pem', 'access.log'].map((file) => join(folder, file)) as [
    string,
    string,
    string,
  ]
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...[
      '-keyout',
      key,
      '-out',
      certificate,
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
    ],
  ])
  if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`)
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(certificate, 'utf8')])

  writeConfiguration(shipped, { folder, ports, processes, certificate, key, log })
  const args = ['-p', folder, '-e', join(folder, 'error.log'), '-c', join(folder, 'nginx.conf')]
  const checked = spawnSync(nginx, ['-t', ...args], { encoding: 'utf8' })
  const child = spawn(nginx, args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const httpUrl = `http://127.0.0.1:${ports.http}`
  while (
    !(await fetch(httpUrl, { redirect: 'manual' }).then(
      () => true,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`nginx ended:\n${checked.stdout}${checked.stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url: ports.url,
    httpUrl,
    certificate,
    check: { status: checked.status, text: checked.stdout + checked.stderr },
    log: () => readFileSync(log, 'utf8'),
  }
}
