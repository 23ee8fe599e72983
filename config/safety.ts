import { engineProblems } from './engines.ts'
import type { Config } from './schema.ts'
import { weakness } from './secret-key.ts'

const MINIMUM_METRICS_TOKEN = 16

/** What does not fit together, in any environment. */
function inconsistencies(config: Partial<Config>): string[] {
  const problems: string[] = []
  const { refreshTokenIdleDays: idle = 0, refreshTokenAbsoluteDays: absolute = Number.POSITIVE_INFINITY } = config
  if (idle > absolute) problems.push('REFRESH_TOKEN_IDLE_DAYS must not be more than REFRESH_TOKEN_ABSOLUTE_DAYS')
  if (config.secretKeyPrevious && config.secretKeyPrevious === config.secretKey)
    problems.push('SECRET_KEY_PREVIOUS must not be the same as SECRET_KEY')
  if (config.metricsPort && config.metricsPort === config.port)
    problems.push('METRICS_PORT must not be the same as PORT')
  if (config.voteConsumer === 'off' && !config.redisUrl) problems.push('VOTE_CONSUMER must be inside without REDIS_URL')
  return problems
}

function originProblems(origins: readonly string[]): string[] {
  if (origins.length === 0) return ['ALLOWED_ORIGINS must list at least one origin']
  const problems: string[] = []
  if (origins.includes('*')) problems.push('ALLOWED_ORIGINS must not be *: list the origins')
  if (origins.some((origin) => origin.startsWith('http:'))) problems.push('ALLOWED_ORIGINS must be https')
  return problems
}

/**
 * Why a configuration must not go into service, each problem naming its setting. A setting in `refused` has been
 * named already.
 */
export function unsafe(config: Partial<Config>, refused: ReadonlySet<string>): string[] {
  const problems = [...inconsistencies(config), ...notNamed(engineProblems(config), refused)]
  if (config.environment === 'development' || config.environment === undefined) return problems
  const found: string[] = []
  const key = config.secretKey ? weakness(config.secretKey) : 'is required'
  if (key) found.push(`SECRET_KEY ${key}`)
  const previous = config.secretKeyPrevious ? weakness(config.secretKeyPrevious) : null
  if (previous) found.push(`SECRET_KEY_PREVIOUS ${previous}`)
  found.push(...originProblems(config.allowedOrigins ?? []))
  if (!config.databaseUrl) found.push('DATABASE_URL is required')
  if (!config.redisUrl) found.push('REDIS_URL is required')
  if (!config.publicUrl?.startsWith('https:')) found.push('PUBLIC_URL must be https: without it cookies are not secure')
  if (config.requireEmailVerification && !config.smtpUrl)
    found.push('SMTP_URL is required while REQUIRE_EMAIL_VERIFICATION is true')
  if (config.metricsToken && config.metricsToken.length < MINIMUM_METRICS_TOKEN)
    found.push(`METRICS_TOKEN must have at least ${MINIMUM_METRICS_TOKEN} characters`)
  return [...problems, ...notNamed(found, refused)]
}

/** Without those of settings that have been named already. */
function notNamed(problems: readonly string[], refused: ReadonlySet<string>): string[] {
  return problems.filter((problem) => !refused.has(problem.split(' ')[0] ?? ''))
}
