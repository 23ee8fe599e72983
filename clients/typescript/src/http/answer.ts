import { FluentMeetError, type Told } from '../error.ts'

/** What a good response holds: JSON, text or a Blob by its type; undefined where there is nothing. Throws FluentMeetError. */
export async function readAnswer(response: Response): Promise<unknown> {
  const type = response.headers.get('content-type') ?? ''
  if (response.status === 204) return undefined
  try {
    if (type.startsWith('application/json')) return JSON.parse(await response.text())
    return await (type.startsWith('text/') ? response.text() : response.blob())
  } catch (cause) {
    throw new FluentMeetError(0, { message: 'The answer broke off.' }, { cause })
  }
}

/** The error that a response tells of. */
export async function readError(response: Response): Promise<FluentMeetError> {
  const text = await response.text().catch(() => '')
  return new FluentMeetError(response.status, bodyOf(text), {
    retryAfter: secondsOf(response.headers.get('retry-after')),
  })
}

/** What stands between here and the server answers in its own words. */
function bodyOf(text: string): Told {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/** `Retry-After` is a number of seconds or a date (RFC 9110); 0 when it is neither. */
function secondsOf(retryAfter: string | null): number {
  if (retryAfter === null) return 0
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), 3600) : 0
}
