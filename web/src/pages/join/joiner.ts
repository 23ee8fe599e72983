import { ApiError, type Call, type CallOptions, call, request } from '../../api/client.ts'
import type { Session } from '../../api/session.ts'
import type { Joined, JoinRequest } from '../../api/types.ts'

/** Somebody who joins one meeting, and calls the API from then on as the same. */
export interface Joiner {
  readonly call: Call
  request(method: string, path: string, options?: CallOptions): Promise<Response>
  /** Joins, or joins once more. Throws ApiError. */
  join(body: JoinRequest): Promise<Joined>
}

export function userJoiner(session: Session, code: string): Joiner {
  return {
    call: session.call,
    request: session.request,
    join: (body) => session.call<Joined>('POST', `/meetings/${code}/join`, { body }),
  }
}

/** A guest of one meeting. Its token is in here only, and gone with the page. */
export function guestJoiner(code: string): Joiner {
  let token: string | null = null
  const asGuest: Call = (method, path, options) => call(method, path, { ...options, token })

  return {
    call: asGuest,
    request: (method, path, options) => request(method, path, { ...options, token }),
    async join(body) {
      const joined = await asGuest<Joined>('POST', `/meetings/${code}/join`, { body })
      token = joined.guest_token ?? token
      return joined
    },
  }
}

/** True when a token is at an end: who comes back, comes as another guest. */
export function isTokenOver(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}
