/** The server said no, or nobody answered (`NO_SERVER`). */
export class Refusal extends Error {
  readonly code: string
  readonly retryAfterMs: number
  constructor(status: number, text: string, retryAfter?: string | null) {
    let body: { code?: string; message?: string } = {}
    // What stands between us and the server answers in its own words.
    if (text.startsWith('{')) body = JSON.parse(text)
    super(body.message ?? (status === 0 ? text : `The server answered ${status}.`))
    this.code = body.code ?? (status === 0 ? 'NO_SERVER' : status >= 500 ? 'SERVICE_UNAVAILABLE' : `HTTP_${status}`)
    this.retryAfterMs = Number(retryAfter ?? 0) * 1000
  }
}

/** Reads `https://host/join/<room code>`, with `#invitation=` where somebody was invited; null for anything else. */
export function readLink(text: string): { room: string; socket: string; invitation: string | null } | null {
  const url = URL.parse(text)
  const [, code] = /^\/join\/([a-z2-7]{26})\/?$/.exec(url?.pathname ?? '') ?? []
  if (!url || !/^https?:$/.test(url.protocol) || code === undefined) return null
  const invitation = new URLSearchParams(url.hash.slice(1)).get('invitation')
  const api = `${url.origin}/api/v1`
  return { room: `${api}/meetings/${code}`, socket: `${api.replace('http', 'ws')}/ws/meetings/${code}`, invitation }
}
export type Call = <T>(action: string, body?: object) => Promise<T>

/** Calls to one room as one person. `token` gives a user's access token, anew each time; a guest's comes with joining. */
export function createCall(room: string, token: () => string | null): Call {
  let guestToken: string | null = null
  return async (action, body = {}) => {
    const bearer = token() ?? guestToken
    const headers = { 'content-type': 'application/json', ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) }
    const request = { method: 'POST', headers, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) }
    const response = await fetch(`${room}/${action}`, request).catch(({ message, cause }) => {
      throw new Refusal(0, cause?.message || cause?.code || message)
    })
    const text = await response.text()
    if (!response.ok) throw new Refusal(response.status, text, response.headers.get('retry-after'))
    const answer = text === '' ? {} : JSON.parse(text)
    guestToken = answer.guest_token ?? guestToken
    return answer
  }
}
