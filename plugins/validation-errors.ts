import type { FastifySchemaValidationError } from 'fastify'
import type { ErrorDetail } from '../errors.ts'

const MAX_DETAILS = 20
const MAX_NAME = 64

/** What was wrong, as field and rule: the value that came is not repeated. `part` is `body`, `querystring`, `params` or `headers`. */
export function validationDetails(errors: readonly FastifySchemaValidationError[], part: string): ErrorDetail[] {
  const seen = new Map<string, ErrorDetail>()
  for (const error of errors) {
    // That none of the values fits is said once, with the values.
    if (error.keyword === 'anyOf' && valuesAt(errors, error.instancePath).length > 1) continue
    const detail = { field: fieldOf(error, part), message: messageOf(error, errors) }
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

/** What a field could be, where the schema lists it value by value. */
function valuesAt(errors: readonly FastifySchemaValidationError[], path: string): string[] {
  return errors
    .filter(({ keyword, instancePath }) => keyword === 'const' && instancePath === path)
    .map(({ params }) => JSON.stringify(params.allowedValue))
}

function messageOf(error: FastifySchemaValidationError, errors: readonly FastifySchemaValidationError[]): string {
  switch (error.keyword) {
    case 'const': {
      const values = valuesAt(errors, error.instancePath)
      return values.length > 1 ? `must be ${values.join(' or ')}` : (error.message ?? 'is not valid')
    }
    case 'additionalProperties':
      return 'is not known here'
    case 'required':
      return 'is required'
    default:
      return error.message ?? 'is not valid'
  }
}
