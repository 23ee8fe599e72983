import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')

/** Runs a script as npm does, with nothing of this process's settings; `input` is what is piped in. */
export function runScript(script: string, args: readonly string[], env: Record<string, string>, input = '') {
  const { PATH = '', HOME = '' } = process.env
  const options = { cwd: root, env: { PATH, HOME, ...env }, encoding: 'utf8', input } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'scripts', script), ...args], options)
  return { status, stdout, stderr }
}
