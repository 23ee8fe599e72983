import { resolve } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { dependentDefaults } from './config/defaults.ts'
import { unsafe } from './config/safety.ts'
import { type Config, ConfigSchema, settings } from './config/schema.ts'
import { developmentSecretKey } from './config/secret-key.ts'
import { readSource, type Variables, withDotenv } from './config/sources.ts'
import { readValue } from './config/values.ts'

export type { Config } from './config/schema.ts'

/** The environment cannot be used: `problems` has one sentence each, naming its setting and holding no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not valid:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

export interface LoadOptions {
  /** The file that adds to the environment in development; null reads none. Default: `.env`. */
  dotenvPath?: string | null
  /** Gives the signing key of a development machine that has set none. Default: kept in `DATA_DIR/secret-key`. */
  developmentKey?: (dataDir: string) => string
}

/** The settings that are given and well formed; the problems of the others, and which these are. */
function readGiven(env: Variables, problems: string[]): { given: Partial<Config>; refused: Set<string> } {
  const given: Record<string, unknown> = {}
  const refused = new Set<string>()
  for (const setting of settings()) {
    const before = problems.length
    const text = readSource(setting, env, problems)
    if (text !== undefined) {
      const read = readValue(setting, text)
      if ('problem' in read) problems.push(read.problem)
      else given[setting.key] = read.value
    }
    if (problems.length > before) refused.add(setting.name)
    else if (text === undefined && setting.default !== undefined) given[setting.key] = setting.default
  }
  return { given, refused }
}

function freeze(config: Config): Config {
  for (const value of Object.values(config)) Object.freeze(value)
  return Object.freeze(config)
}

/**
 * Reads the settings from the environment, and from `.env` in development.
 * @returns the frozen settings; `dataDir` and `modelsDir` are absolute, `publicUrl` has no trailing slash
 * @throws ConfigError with every problem at once
 */
export function loadConfig(env: NodeJS.ProcessEnv, options: LoadOptions = {}): Config {
  const { dotenvPath = '.env', developmentKey = developmentSecretKey } = options
  const problems: string[] = []
  const { given, refused } = readGiven(withDotenv(env, dotenvPath, problems), problems)
  const config: Record<string, unknown> = { ...dependentDefaults(given), ...given }
  problems.push(...unsafe(config, refused))
  if (problems.length > 0) throw new ConfigError(problems)
  config.dataDir = resolve(String(config.dataDir))
  config.modelsDir = resolve(String(config.modelsDir))
  config.publicUrl = String(config.publicUrl).replace(/\/$/, '')
  config.secretKey ??= developmentKey(String(config.dataDir))
  if (!Value.Check(ConfigSchema, config)) throw new ConfigError(['The settings do not match their schema'])
  return freeze(config)
}

/** The settings as `NAME=value` lines to show to people: secrets are masked. */
export function describeConfig(config: Config): string[] {
  return settings().map(({ key, name, secret }) => {
    const value = config[key]
    const shown = secret && value ? '********' : String(value ?? '')
    return `${name}=${shown}`
  })
}
