import type { Config } from './schema.ts'

/**
 * The defaults that depend on other settings. What has none here (origins and addresses outside development) stays
 * unset, and the safety check names it.
 */
export function dependentDefaults(given: Partial<Config>): Partial<Config> {
  const development = given.environment === 'development'
  const publicUrl = given.publicUrl ?? (development ? `http://localhost:${given.port ?? 3000}` : undefined)
  return {
    ...(publicUrl === undefined ? {} : { publicUrl }),
    requireEmailVerification: !development,
    mailFrom: `FluentMeet <no-reply@${(publicUrl && URL.parse(publicUrl)?.hostname) || 'localhost'}>`,
    ...(development ? { allowedOrigins: ['*'] } : {}),
  }
}
