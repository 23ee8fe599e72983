import { Type } from '@sinclair/typebox'
import { ERROR_STATUS, type ErrorCode } from '../errors.ts'

const ALL_CODES = Object.keys(ERROR_STATUS) as ErrorCode[]
const ErrorCodes = (codes: readonly ErrorCode[]) =>
  Type.Unsafe<string>({ type: 'string', enum: codes, description: 'What happened, for programs' })

const body = (codes: readonly ErrorCode[]) =>
  Type.Object(
    {
      status: Type.Literal('error'),
      code: ErrorCodes(codes),
      message: Type.String({ maxLength: 500, description: 'What happened, for people' }),
      details: Type.Array(
        Type.Object(
          {
            field: Type.String({ maxLength: 200, description: 'A path from the part of the request' }),
            message: Type.String({ maxLength: 500 }),
          },
          { additionalProperties: false },
        ),
        { maxItems: 100 },
      ),
      request_id: Type.String({ maxLength: 64, description: 'Names the request in the log' }),
    },
    { additionalProperties: false, title: 'Error', description: 'The body of every error answer' },
  )

/** The body of every error answer. */
export const ErrorAnswer = body(ALL_CODES)
export type ErrorAnswers = Record<number, typeof ErrorAnswer>

/** Response schemas for the codes that a route itself answers, keyed by status. */
export function errorAnswers(...codes: ErrorCode[]): ErrorAnswers {
  const byStatus = Map.groupBy(new Set(codes), (code) => ERROR_STATUS[code])
  return Object.fromEntries([...byStatus].map(([status, those]) => [status, body(those)]))
}

/** How a route is called, as far as it says which errors the request path answers in its place. */
export interface RouteKind {
  guard: string
  limited: boolean
  /** Other methods than GET and HEAD: a body may come, whether or not the route wants one. */
  takesBody: boolean
  /** Whether a part of the request has a schema. */
  validated: boolean
  /** Whether the path names something that may not be there. */
  names: boolean
}

/** What comes from the request path before the route: the parser, the limiter, the guard, the body, the schema, the parameters. */
export function requestPathCodes({ guard, limited, takesBody, validated, names }: RouteKind): ErrorCode[] {
  const codes: ErrorCode[] = ['MALFORMED_REQUEST', 'INTERNAL_ERROR']
  if (validated) codes.push('VALIDATION_ERROR')
  if (names) codes.push('NOT_FOUND')
  if (limited) codes.push('RATE_LIMIT_EXCEEDED', 'SERVICE_UNAVAILABLE')
  const byToken = guard !== 'public' && guard !== 'scraper'
  if (guard !== 'public') codes.push('UNAUTHENTICATED')
  if (byToken) codes.push('TOKEN_EXPIRED', 'TOKEN_REVOKED')
  // A guest's token where a user's is needed, a user's where an admin's is; an API key without the scope; a cookie without its CSRF token;
  // what changes something by plain http.
  if (byToken || takesBody) codes.push('FORBIDDEN')
  if (takesBody) codes.push('PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE')
  return codes
}

/** The codes that response schemas name. */
export function codesOf(answers: object): ErrorCode[] {
  return Object.entries(answers).flatMap(([status, schema]) => (Number(status) >= 400 ? codesIn(schema) : []))
}

/** The codes of one error answer. */
export function codesIn(schema: unknown): ErrorCode[] {
  return (schema as { properties: { code: { enum: ErrorCode[] } } }).properties.code.enum
}
