import type { ErrorAnswer } from './types.ts'

/** What the server refused, or that it could not be reached: then `code` is `NO_SERVER` and `status` 0. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  /** By the name of the field, as forms know it: `email`, not `body.email`. */
  readonly fields: Readonly<Record<string, string>>
  /** Seconds to wait; 0 when the server said nothing. */
  readonly retryAfter: number

  constructor(status: number, body: Partial<ErrorAnswer>, retryAfter = 0) {
    super(body.message ?? 'The server could not be reached.')
    this.status = status
    this.code = body.code ?? (status === 0 ? 'NO_SERVER' : status >= 500 ? 'SERVICE_UNAVAILABLE' : 'UNKNOWN')
    this.fields = Object.fromEntries(
      (body.details ?? []).map(({ field, message }) => [field.replace(/^(body|params|querystring)\./, ''), message]),
    )
    this.retryAfter = retryAfter
  }
}

export interface CallOptions {
  body?: object | undefined
  token?: string | null | undefined
  headers?: Record<string, string>
  signal?: AbortSignal
}

export type Call = <T>(method: string, path: string, options?: CallOptions) => Promise<T>

const TIMEOUT_MS = 20_000

/** One call to the API; `path` begins behind `/api/v1`. Throws ApiError. */
export const call: Call = async <T>(method: string, path: string, options: CallOptions = {}): Promise<T> => {
  const response = await request(method, path, options)
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** The answer as it came, when it is a good one: for what is no JSON. Throws ApiError. */
export async function request(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { body, token, headers = {}, signal = AbortSignal.timeout(TIMEOUT_MS) } = options
  const response = await fetch(`/api/v1${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  }).catch(() => {
    throw new ApiError(0, {})
  })
  if (response.ok) return response
  const text = await response.text().catch(() => '')
  // What stands between us and the server answers in its own words.
  const answer: Partial<ErrorAnswer> = text.startsWith('{') ? JSON.parse(text) : {}
  throw new ApiError(response.status, answer, secondsOf(response.headers.get('retry-after')))
}

/** `Retry-After` is a number of seconds or a date (RFC 9110); 0 when it is neither. */
function secondsOf(retryAfter: string | null): number {
  if (retryAfter === null) return 0
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 3600) : 0
}
