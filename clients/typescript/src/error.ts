import type { ErrorBody } from './generated/api.ts'

/** The server's codes, which may become more, and the client's own. */
export type ErrorCode = ErrorBody['code'] | 'NO_SERVER' | 'ABORTED' | 'UNKNOWN' | (string & Record<never, never>)

/** What is known of an error's body. */
export type Told = Partial<Omit<ErrorBody, 'code'>> & { readonly code?: string }

export interface ErrorOptions {
  /** Seconds. */
  retryAfter?: number
  cause?: unknown
}

/**
 * What the server refused, or why no answer came: then `status` is 0 and `code` is `NO_SERVER` (not reached, or not in time) or
 * `ABORTED` (by the caller's own signal).
 */
export class FluentMeetError extends Error {
  override readonly name = 'FluentMeetError'
  readonly status: number
  readonly code: ErrorCode
  readonly details: readonly ErrorBody['details'][number][]
  /** By which the server's log knows the request; null when it did not answer. */
  readonly request_id: string | null
  /** Seconds to wait; 0 when the server said nothing. */
  readonly retryAfter: number

  constructor(status: number, body: Told, { retryAfter = 0, cause }: ErrorOptions = {}) {
    super(body.message ?? (status === 0 ? 'The server could not be reached.' : `The server answered ${status}.`), {
      ...(cause === undefined ? {} : { cause }),
    })
    this.status = status
    this.code = body.code ?? (status === 0 ? 'NO_SERVER' : status >= 500 ? 'SERVICE_UNAVAILABLE' : 'UNKNOWN')
    this.details = body.details ?? []
    this.request_id = body.request_id ?? null
    this.retryAfter = retryAfter
  }

  /** What is wrong by the name of the field, as forms know it: `email`, not `body.email`. */
  get fields(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.details.map(({ field, message }) => [field.replace(/^(body|params|querystring)\./, ''), message]),
    )
  }

  /** Whether the same may go well later. `UNKNOWN`: what stands between here and the server answered in its own words. */
  get isPassing(): boolean {
    const { status, code } = this
    if (code === 'ABORTED') return false
    return status === 0 || status === 429 || status >= 500 || code === 'ROOM_FULL' || code === 'UNKNOWN'
  }
}
