import { settings } from '../../config/schema.ts'

/** The names of settings that are secret. */
export const SECRETS: readonly string[] = settings().flatMap(({ name, secret }) => (secret ? [name] : []))
const known = new Set([...settings().map(({ name }) => name), ...SECRETS.map((name) => `${name}_FILE`)])

/** The names among these that the configuration does not know. */
export const unknownSettings = (names: readonly string[]): string[] => names.filter((name) => !known.has(name))

/** The names of secrets whose value stands in the environment itself. */
export const bareSecrets = (names: readonly string[]): string[] => SECRETS.filter((name) => names.includes(name))
