import { Type } from '@sinclair/typebox'
import { ERROR_STATUS, type ErrorCode } from '../errors.ts'

/** The body of every error answer. */
export const ErrorAnswer = Type.Object(
  {
    status: Type.Literal('error'),
    code: Type.String({ maxLength: 64 }),
    message: Type.String({ maxLength: 500 }),
    details: Type.Array(
      Type.Object(
        { field: Type.String({ maxLength: 200 }), message: Type.String({ maxLength: 500 }) },
        { additionalProperties: false },
      ),
      { maxItems: 100 },
    ),
    request_id: Type.String({ maxLength: 64 }),
  },
  { additionalProperties: false, description: 'The error body' },
)

/** Response schemas for the given codes and for those that every route can answer, keyed by status. */
export function errorAnswers(...codes: ErrorCode[]): Record<number, typeof ErrorAnswer> {
  const all: ErrorCode[] = [
    ...codes,
    'VALIDATION_ERROR',
    'NOT_FOUND',
    'RATE_LIMIT_EXCEEDED',
    'INTERNAL_ERROR',
    'SERVICE_UNAVAILABLE',
  ]
  return Object.fromEntries(all.map((code) => [ERROR_STATUS[code], ErrorAnswer]))
}
