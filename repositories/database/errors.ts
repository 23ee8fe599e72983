import { DrizzleQueryError } from 'drizzle-orm/errors'

/** The database cannot be reached or does not answer. HTTP answers it with 503 SERVICE_UNAVAILABLE. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
}

const SOCKET_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
// Class 08 (connection), 53300 (too many connections), 57014 (statement timeout), 57P01 to 57P05 (shutting down, starting up, idle).
const SQLSTATES = /^(?:08...|53300|57014|57P0[1-5])$/
const MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Cannot use a pool after calling end|Client was closed|PGlite is clos|read timeout/i
// What drivers attach to an error that may hold values of a row or of a parameter.
const VALUE_FIELDS = ['detail', 'where', 'params', 'query', 'internalQuery']

/**
 * The error as the rest of the code sees it: DatabaseUnavailableError when the connection failed; otherwise the driver's own,
 * without the query and its parameters, which could hold an address or a hash and would end up in a log.
 */
export function translateError(error: unknown): unknown {
  if (error instanceof DatabaseUnavailableError) return error
  if (error instanceof DrizzleQueryError) return translateError(error.cause ?? new Error('The query failed'))
  if (!(error instanceof Error)) return error
  if (isConnectionFailure(error)) return new DatabaseUnavailableError('The database does not answer', { cause: error })
  if ('code' in error) for (const field of VALUE_FIELDS) Reflect.deleteProperty(error, field)
  return error
}

/** The SQLSTATE of a driver's error. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}

function isConnectionFailure(error: Error): boolean {
  // A host with several addresses fails with one error for each.
  if (error instanceof AggregateError)
    return error.errors.some((inner) => inner instanceof Error && isConnectionFailure(inner))
  const code = sqlState(error)
  return (code !== undefined && (SOCKET_CODES.has(code) || SQLSTATES.test(code))) || MESSAGES.test(error.message)
}
