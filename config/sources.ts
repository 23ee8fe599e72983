import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import type { Setting } from './schema.ts'

export type Variables = Readonly<Record<string, string | undefined>>

function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error'
}

/**
 * The environment with what a `.env` file adds to it: the environment wins, and an absent file adds nothing. The
 * file is for development alone, so nothing is read when the environment names another one.
 */
export function withDotenv(env: Variables, path: string | null, problems: string[]): Variables {
  if (path === null || (env.ENVIRONMENT && env.ENVIRONMENT !== 'development')) return env
  let added: NodeJS.Dict<string>
  try {
    added = parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') problems.push(`${path} cannot be read (${errorCode(error)})`)
    return env
  }
  if (added.ENVIRONMENT && added.ENVIRONMENT !== 'development') {
    problems.push(`ENVIRONMENT must come from the environment itself: ${path} is for development`)
    delete added.ENVIRONMENT
  }
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  // A variable in the environment also wins over the other way of giving it in the file.
  for (const [name] of given) delete added[name.endsWith('_FILE') ? name.slice(0, -5) : `${name}_FILE`]
  return { ...added, ...Object.fromEntries(given) }
}

/** The text of one setting, from its variable or, for a secret, from the file `X_FILE` names; undefined when unset. */
export function readSource(setting: Setting, env: Variables, problems: string[]): string | undefined {
  const text = env[setting.name]?.trim() || undefined
  const file = setting.secret ? env[`${setting.name}_FILE`] || undefined : undefined
  if (file === undefined) return text
  if (text !== undefined) {
    problems.push(`${setting.name} and ${setting.name}_FILE are both given: keep one`)
    return undefined
  }
  try {
    const content = readFileSync(file, 'utf8').replace(/(\r?\n)+$/, '')
    if (content === '') problems.push(`${setting.name}_FILE names an empty file`)
    return content || undefined
  } catch (error) {
    problems.push(`${setting.name}_FILE cannot be read (${errorCode(error)})`)
    return undefined
  }
}
