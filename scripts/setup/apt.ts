import { spawn } from 'node:child_process'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'

const POLICY = '/usr/sbin/policy-rc.d'
const KEPT_OUTPUT = 2000
const GRACE_MS = 10_000

/** Keeps packages from starting services while they install. Gives the way back; an existing policy stays. */
function holdServices(): () => void {
  try {
    writeFileSync(POLICY, '#!/bin/sh\n# Left by an interrupted set-up of FluentMeet: may be removed.\nexit 101\n', {
      mode: 0o755,
      flag: 'wx',
    })
  } catch {
    return () => undefined
  }
  return () => rmSync(POLICY, { force: true })
}

function hasPackageLists(): boolean {
  try {
    return readdirSync('/var/lib/apt/lists').some((file) => file.endsWith('_Packages') || file.includes('_Packages.'))
  } catch {
    return false
  }
}

/** Runs apt-get until it ends or the signal asks it to stop. @throws Error with the end of what it wrote */
function aptGet(args: readonly string[], signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const child = spawn('apt-get', ['-o', 'DPkg::Lock::Timeout=60', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let giveUp: NodeJS.Timeout | undefined
  const stop = () => {
    // SIGINT lets apt-get finish the package at hand. One that still hangs is left to end by itself.
    child.kill('SIGINT')
    giveUp = setTimeout(() => reject(new Error('apt-get took too long and is still ending')), GRACE_MS)
  }
  signal.addEventListener('abort', stop, { once: true })
  child.once('error', reject)
  child.once('close', (code) => {
    clearTimeout(giveUp)
    signal.removeEventListener('abort', stop)
    if (code === 0) return resolve()
    const reason = signal.aborted ? 'apt-get took too long' : `apt-get ended with ${code}`
    reject(new Error(`${reason}\n${output.trim().split('\n').slice(-5).join('\n')}`))
  })
  return promise
}

/**
 * Installs Debian packages by name without starting their services, within a time.
 * @throws Error saying what apt-get said
 */
export async function installPackages(packages: readonly string[], timeoutMs: number): Promise<void> {
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages]
  const abort = new AbortController()
  const release = holdServices()
  const timer = setTimeout(() => abort.abort(), timeoutMs)
  const interrupt = (signal: NodeJS.Signals) => {
    abort.abort()
    release()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  try {
    const fresh = !hasPackageLists()
    if (fresh) await aptGet(['update', '-qq'], abort.signal)
    await aptGet(install, abort.signal).catch(async (error: unknown) => {
      if (fresh || abort.signal.aborted) throw error
      // The lists may name versions that are gone.
      await aptGet(['update', '-qq'], abort.signal)
      await aptGet(install, abort.signal)
    })
  } finally {
    clearTimeout(timer)
    release()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}
