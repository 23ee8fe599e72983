import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { postgresFolder } from '../../scripts/setup/programs.ts'
import { freePort } from './ports.ts'

export interface PostgresServer {
  /** The address of the server's own `postgres` database. */
  readonly url: string
  /** Ends the server as an operator would; open connections are cut. */
  stop(): Promise<void>
  /** Starts it again, on the same port and data. */
  start(): Promise<void>
  /** The address of a new, empty database. */
  createDatabase(): Promise<string>
}

/** What of a tap test is needed to clean up after it. */
export interface Teardown {
  teardown(end: () => Promise<void> | void): void
}

interface Owner {
  uid?: number
  gid?: number
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '32MB',
}

/**
 * Holds the server while its standard input is open: the server ends with the process that started it, however that
 * ends, and its data with it. A word on the input is the signal to end the server with, and keeps the data.
 */
const KEEPER = `dir=$1; shift
"$@" & pid=$!
if read -r word; then kill -s "$word" $pid; wait $pid
else kill -s QUIT $pid; wait $pid; rm -rf "$dir"; fi`

const START_ATTEMPTS = 600
const START_PAUSE_MS = 50

/** PostgreSQL refuses to run as root. */
function owner(): Owner {
  if (process.getuid?.() !== 0) return {}
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const line = users.find((user) => user.startsWith('postgres:')) ?? users.find((user) => user.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query(sql)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Makes a new database on the server at `url`; its address. */
export async function createDatabase(url: string): Promise<string> {
  const name = `test_${randomBytes(8).toString('hex')}`
  await query(url, `create database ${name}`)
  const address = new URL(url)
  address.pathname = name
  return address.href
}

/** Starts a PostgreSQL of its own on a free port of loopback. Its data is gone after the test. */
export async function startPostgres(t: Teardown): Promise<PostgresServer> {
  const folder = postgresFolder()
  if (folder === null) throw new Error('PostgreSQL is not installed: npm run setup')
  const as = owner()
  const directory = mkdtempSync(join(tmpdir(), 'fluentmeet-postgres-'))
  chmodSync(directory, 0o700)
  if (as.uid !== undefined && as.gid !== undefined) chownSync(directory, as.uid, as.gid)
  const data = join(directory, 'data')
  execFileSync(
    join(folder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...as, cwd: directory, stdio: 'pipe' },
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let keeper: ChildProcess | undefined

  async function start(): Promise<void> {
    if (keeper) return
    const args = ['-c', KEEPER, 'keeper', directory, join(folder ?? '', 'postgres'), '-D', data, '-p', String(port)]
    keeper = spawn('sh', [...args, ...settings], { ...as, cwd: directory, stdio: ['pipe', 'ignore', 'ignore'] })
    for (let attempt = 1; ; attempt++) {
      try {
        return await query(url, 'select 1')
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error
        await pause(START_PAUSE_MS)
      }
    }
  }

  async function end(word: string): Promise<void> {
    const ending = keeper
    keeper = undefined
    if (!ending) return
    const closed = once(ending, 'exit')
    ending.stdin?.end(word)
    await closed
  }

  t.teardown(async () => {
    await end('')
    rmSync(directory, { recursive: true, force: true })
  })
  await start()
  return { url, start, stop: () => end('INT\n'), createDatabase: () => createDatabase(url) }
}
