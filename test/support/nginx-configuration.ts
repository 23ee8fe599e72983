import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy')
const SHARED = ['/etc/nginx/fluentmeet/', `${join(DEPLOY, 'nginx', 'fluentmeet')}/`] as const

/** Which of the shipped configurations: for a machine of its own, or for compose. */
export type Shipped = 'alone' | 'compose'

/** The shipped configuration, with this machine's ports, certificate and processes in place of the example's. */
function adapt(text: string, changes: readonly (readonly [string | RegExp, string])[]): string {
  return changes.reduce((changed, [from, to]) => {
    const next = changed.replaceAll(from, to)
    if (next === changed) throw new Error(`the shipped configuration has no ${from}`)
    return next
  }, text)
}

export interface Place {
  folder: string
  ports: { https: number; http: number; url: string }
  processes: readonly [string, string]
  certificate: string
  key: string
  log: string
}

const read = (...path: string[]) => readFileSync(join(DEPLOY, ...path), 'utf8')

/** Writes nginx.conf and what it includes, as shipped for a machine of its own or for compose, adapted to this place. */
export function writeConfiguration(shipped: Shipped, { folder, ports, processes, ...files }: Place): void {
  const [one, two] = processes.map((url) => new URL(url).host) as [string, string]
  const { certificate, key, log } = files
  const user = process.getuid?.() === 0 ? 'user root;' : ''
  if (shipped === 'compose') {
    const site = adapt(read('compose', 'site.conf.template'), [
      SHARED,
      ['listen 8080;', `listen 127.0.0.1:${ports.http};`],
      ['listen 8443 ', `listen 127.0.0.1:${ports.https} `],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the template's own.
      ['${PUBLIC_HOST}', new URL(ports.url).host],
      ['/run/secrets/tls-certificate', certificate],
      ['/run/secrets/tls-key', key],
      ['/dev/stdout', log],
      ['172.30.250.11:3000', one],
      ['172.30.250.12:3000', two],
    ])
    writeFileSync(join(folder, 'site.conf'), site)
    const main = adapt(read('compose', 'nginx.conf'), [
      ['/tmp/', `${folder}/`],
      ['/dev/stderr', join(folder, 'error.log')],
      ['worker_processes auto', 'worker_processes 1'],
      ['worker_connections 16384', 'worker_connections 1024'],
    ])
    writeFileSync(join(folder, 'nginx.conf'), `${user} daemon off;\n${main}`)
    return
  }
  const site = adapt(read('nginx', 'fluentmeet.conf'), [
    SHARED,
    [/listen \[::\].*\n/g, '\n'],
    ['listen 80;', `listen 127.0.0.1:${ports.http};`],
    ['listen 443 ', `listen 127.0.0.1:${ports.https} `],
    ['https://meet.example.org$request_uri', `${ports.url}$request_uri`],
    ['meet.example.org', 'localhost'],
    ['/etc/ssl/fluentmeet/fullchain.pem', certificate],
    ['/etc/ssl/fluentmeet/privkey.pem', key],
    ['/var/log/nginx/fluentmeet.log', log],
    ['127.0.0.1:3001', one],
    ['127.0.0.1:3002', two],
  ])
  writeFileSync(join(folder, 'site.conf'), site)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${user} daemon off; master_process on; worker_processes 1; pid ${folder}/pid;
    error_log ${folder}/error.log; events { worker_connections 1024; }
    http { ${temporary.join(' ')} include ${folder}/site.conf; }`,
  )
}
