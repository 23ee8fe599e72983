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
  return answersOf(all)
}

/** How a route is called, as far as it says which errors the request path answers in its place. */
export interface RouteKind {
  guard: 'public' | 'optional' | 'user' | 'participant' | 'admin' | 'refresh_cookie' | 'scraper'
  limited: boolean
  /** Other methods than GET and HEAD: a body may come, whether or not the route wants one. */
  takesBody: boolean
}

/** Response schemas for what comes from the request path before the route: the parser, the limiter, the guard, the body. */
export function requestPathAnswers({ guard, limited, takesBody }: RouteKind): Record<number, typeof ErrorAnswer> {
  const codes: ErrorCode[] = ['MALFORMED_REQUEST', 'INTERNAL_ERROR']
  if (limited) codes.push('RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE')
  if (guard !== 'public') codes.push('UNAUTHENTICATED')
  // A guest's token where a user's is needed, a user's where an admin's is; an API key without the scope; a cookie without its CSRF token;
  // what changes something by plain http.
  if (guard !== 'public' || takesBody) codes.push('FORBIDDEN')
  if (takesBody) codes.push('PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  return answersOf(codes)
}

function answersOf(codes: readonly ErrorCode[]): Record<number, typeof ErrorAnswer> {
  return Object.fromEntries(codes.map((code) => [ERROR_STATUS[code], ErrorAnswer]))
}
