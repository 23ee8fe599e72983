import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const KEPT_OUTPUT = 300

/** npm as it runs us, so that `npm start` needs no second one; otherwise the one on the PATH. */
function npm(args: string[]): [string, string[]] {
  const script = process.env.npm_execpath ?? ''
  return /npm-cli\.c?js$/.test(script) ? [process.execPath, [script, ...args]] : ['npm', args]
}

/**
 * Fetches the packed file of a package, from the registry npm is set to, into a folder; gives its path. Nothing is
 * installed and no script runs.
 * @throws Error with the end of what npm said
 */
export async function pack(spec: string, folder: string, signal: AbortSignal): Promise<string> {
  // Few retries: without a network the server is to start soon.
  const [program, args] = npm(['pack', spec, '--ignore-scripts', '--silent', '--fetch-retries=1', '--pack-destination'])
  try {
    await run(program, [...args, folder], { signal, maxBuffer: 1024 * 1024 })
  } catch (error) {
    const { code, stderr = '', message } = error as Error & { code?: unknown; stderr?: string }
    if (signal.aborted) throw new Error(`npm took too long with ${spec}`)
    throw new Error(`npm cannot fetch ${spec} (${String(code)}): ${(stderr || message).trim().slice(-KEPT_OUTPUT)}`)
  }
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (file === undefined) throw new Error(`npm gave no file for ${spec}`)
  return join(folder, file)
}

/** Unpacks a packed file into a folder. Its hash has been checked. */
export async function unpack(file: string, folder: string, signal: AbortSignal): Promise<void> {
  await run('tar', ['-xzf', file, '-C', folder, '--no-same-owner'], { signal })
}
