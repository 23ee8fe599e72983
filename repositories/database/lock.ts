import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The longest path that every system takes for a Unix socket. */
const LONGEST_PATH = 100

/**
 * Takes a directory for this process; answers how to give it back. Throws when a living process has it.
 * The lock is a Unix socket: unlike a file with a process id, it cannot be mistaken for alive after a crash or in a container.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = socketPath(resolve(directory))
  const server =
    (await listen(path)) ??
    ((await answers(path)) ? undefined : await rm(path, { force: true }).then(() => listen(path)))
  if (!server) throw new Error(`Another process uses ${directory}: stop it, or set DATA_DIR to another directory.`)
  server.unref()
  return () => new Promise((done) => server.close(() => done()))
}

function socketPath(directory: string): string {
  const short = createHash('sha256').update(directory).digest('hex').slice(0, 24)
  if (process.platform === 'win32') return `\\\\.\\pipe\\fluentmeet-${short}`
  const path = join(directory, 'db.lock')
  return path.length <= LONGEST_PATH ? path : join(tmpdir(), `fluentmeet-${short}.lock`)
}

/** The listening server; undefined when the path is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((done, fail) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : fail(error),
    )
    server.listen(path, () => done(server))
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(path, () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
