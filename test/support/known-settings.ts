import { settings } from '../../config/schema.ts'

const secrets = settings().filter(({ secret }) => secret)
const known = new Set([...settings().map(({ name }) => name), ...secrets.map(({ name }) => `${name}_FILE`)])

/** The names among these that the configuration does not know. */
export const unknownSettings = (names: readonly string[]): string[] => names.filter((name) => !known.has(name))

/** The names of secrets whose value stands in the environment itself. */
export const bareSecrets = (names: readonly string[]): string[] =>
  secrets.map(({ name }) => name).filter((name) => names.includes(name))
