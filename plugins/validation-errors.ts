import type { FastifySchemaValidationError } from 'fastify'
import type { ErrorDetail } from '../errors.ts'

const MAX_DETAILS = 20
const MAX_NAME = 64

/** What was wrong, as field and rule: the value that came is not repeated. `part` is `body`, `querystring`, `params` or `headers`. */
export function validationDetails(errors: readonly FastifySchemaValidationError[], part: string): ErrorDetail[] {
  const seen = new Map<string, ErrorDetail>()
  for (const error of errors) {
    const detail = { field: fieldOf(error, part), message: messageOf(error) }
    seen.set(`${detail.field} ${detail.message}`, detail)
  }
  return [...seen.values()].slice(0, MAX_DETAILS)
}

function fieldOf(error: FastifySchemaValidationError, part: string): string {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = error.params.additionalProperty ?? error.params.missingProperty
  return [part, ...path, ...(typeof last === 'string' ? [last] : [])].map(harmless).join('.').slice(0, 200)
}

/** Names of unknown fields are the client's: they are shortened and kept to letters that are safe anywhere. */
function harmless(name: string): string {
  return name.slice(0, MAX_NAME).replaceAll(/[^\w$-]/g, '_')
}

function messageOf(error: FastifySchemaValidationError): string {
  switch (error.keyword) {
    case 'additionalProperties':
      return 'is not known here'
    case 'required':
      return 'is required'
    default:
      return error.message ?? 'is not valid'
  }
}
