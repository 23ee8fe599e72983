/** The one table of error codes and their HTTP status. */
export const ERROR_STATUS = {
  VALIDATION_ERROR: 400,
  MALFORMED_REQUEST: 400,
  UNAUTHENTICATED: 401,
  TOKEN_EXPIRED: 401,
  TOKEN_REVOKED: 401,
  INVALID_CREDENTIALS: 401,
  FORBIDDEN: 403,
  CSRF_FAILED: 403,
  ORIGIN_NOT_ALLOWED: 403,
  EMAIL_NOT_VERIFIED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  ROOM_FULL: 409,
  ROOM_ENDED: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  UNPROCESSABLE: 422,
  RATE_LIMIT_EXCEEDED: 429,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
  PROVIDER_UNAVAILABLE: 503,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

export interface ErrorDetail {
  /** Where the problem is, as a path from the part of the request: `body.email`, `querystring.page`. */
  field: string
  message: string
}

export interface AppErrorOptions {
  details?: readonly ErrorDetail[]
  /** Extra response headers, such as `retry-after`. */
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

const DEFAULT_MESSAGE: Record<ErrorCode, string> = {
  VALIDATION_ERROR: 'The request is not valid.',
  MALFORMED_REQUEST: 'The request could not be read.',
  UNAUTHENTICATED: 'Sign in to do this.',
  TOKEN_EXPIRED: 'The token has expired.',
  TOKEN_REVOKED: 'The token has been revoked.',
  INVALID_CREDENTIALS: 'The e-mail address or the password is wrong.',
  FORBIDDEN: 'You may not do this.',
  CSRF_FAILED: 'The CSRF token is missing or wrong.',
  ORIGIN_NOT_ALLOWED: 'This origin is not allowed.',
  EMAIL_NOT_VERIFIED: 'Verify the e-mail address first.',
  NOT_FOUND: 'Not found.',
  METHOD_NOT_ALLOWED: 'This method is not allowed here.',
  CONFLICT: 'This conflicts with the present state.',
  ROOM_FULL: 'The room is full.',
  ROOM_ENDED: 'The room has ended.',
  PAYLOAD_TOO_LARGE: 'The request is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'This content type is not supported.',
  UNPROCESSABLE: 'The request is well formed but cannot be done.',
  RATE_LIMIT_EXCEEDED: 'Too many requests.',
  INTERNAL_ERROR: 'Something went wrong.',
  SERVICE_UNAVAILABLE: 'The service is not available at the moment.',
  PROVIDER_UNAVAILABLE: 'The provider is not available at the moment.',
}

/** What anybody can cause by the thousand: where in the code it was is told nowhere, and finding out would cost more than the rest of it. */
const TRACELESS: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMIT_EXCEEDED',
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
])

/** An error that may be shown to a client: its code decides the HTTP status. 5xx never show their message. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly statusCode: number
  readonly details: readonly ErrorDetail[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, message?: string, options: AppErrorOptions = {}) {
    const frames = Error.stackTraceLimit
    if (TRACELESS.has(code)) Error.stackTraceLimit = 0
    super(message ?? DEFAULT_MESSAGE[code], { cause: options.cause })
    Error.stackTraceLimit = frames
    this.code = code
    this.statusCode = ERROR_STATUS[code]
    this.details = options.details ?? []
    this.headers = options.headers ?? {}
  }
}

/** The body of every error answer, from any layer. */
export interface ErrorBody {
  status: 'error'
  code: ErrorCode
  message: string
  details: ErrorDetail[]
  request_id: string
}

/** Builds the one error body. A 5xx says nothing of the inside: only its code's own sentence is shown. */
export function errorBody(error: AppError, requestId: string): ErrorBody {
  const masked = error.statusCode >= 500
  return {
    status: 'error',
    code: error.code,
    message: masked ? DEFAULT_MESSAGE[error.code] : error.message,
    details: masked ? [] : [...error.details],
    request_id: requestId,
  }
}
