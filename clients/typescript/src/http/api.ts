import { FluentMeetError } from '../error.ts'
import { pauseBefore } from '../pause.ts'
import { readAnswer, readError } from './answer.ts'
import { type AnyOptions, type Api, addressOf } from './operation.ts'

export interface ApiOptions {
  /** `https://meet.example.org`: where the server is. */
  baseUrl: string
  /** For machines: sent as `X-API-Key`. */
  apiKey?: string
  /** The access token, asked for at every call; null: nobody's. */
  token?: () => string | null | Promise<string | null>
  timeoutMs?: number
  /** `include` where a page of another origin uses the cookies. */
  credentials?: RequestInit['credentials']
  fetch?: typeof fetch
}

/** Sends any call; resolves to a good response, throws FluentMeetError otherwise. */
export type Send = (operation: string, options?: AnyOptions) => Promise<Response>

const TIMEOUT_MS = 20_000
const LONGEST_WAIT_S = 60

/** Calls with an API key, with a token that is somebody else's care, or as nobody. `createSession` is for users who sign in. */
export function createApi(options: ApiOptions): Api {
  return apiOf(options.baseUrl, createSend(options))
}

/** The typed calls upon a way to send them. */
export function apiOf(baseUrl: string, send: Send): Api {
  return {
    baseUrl,
    // The types of a call come from its name; what is sent is the same for all.
    call: async (operation, ...rest) => (await readAnswer(await send(operation, rest[0]))) as never,
    request: (operation, ...rest) => send(operation, rest[0]),
  }
}

export function createSend({ baseUrl, apiKey, token = () => null, ...options }: ApiOptions): Send {
  const { timeoutMs = TIMEOUT_MS, credentials = 'same-origin' } = options
  const fetch = options.fetch ?? ((...request) => globalThis.fetch(...request))

  async function once(method: string, path: string, call: AnyOptions): Promise<Response> {
    const { body, headers, signal } = call
    const bearer = call.token === undefined ? await token() : call.token
    const isForm = body instanceof FormData
    const timeout = AbortSignal.timeout(call.timeoutMs ?? timeoutMs)
    const response = await fetch(`${baseUrl.replace(/\/+$/, '')}/api/v1${path}`, {
      method,
      credentials,
      // Nothing here redirects; an API key would go along to wherever it led.
      redirect: 'error',
      headers: {
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...(apiKey ? { 'x-api-key': apiKey } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    }).catch((cause: unknown) => {
      throw signal?.aborted ? aborted(signal.reason) : new FluentMeetError(0, {}, { cause })
    })
    if (response.ok) return response
    throw await readError(response)
  }

  return async (operation, call = {}) => {
    const [method, path] = addressOf(operation, call)
    for (let tried = 0; ; tried++) {
      try {
        return await once(method, path, call)
      } catch (error) {
        if (tried >= (call.retries ?? 0) || !(error instanceof FluentMeetError) || !mayRepeat(method, error))
          throw error
        await wait(Math.max(error.retryAfter * 1000, pauseBefore(tried)), call.signal)
      }
    }
  }
}

/** A call that was counted out was not acted on; of one that broke off nobody knows. */
function mayRepeat(method: string, { status, code, retryAfter }: FluentMeetError): boolean {
  if (retryAfter > LONGEST_WAIT_S || code === 'ABORTED') return false
  return status === 429 || ((status === 503 || status === 0) && method === 'GET')
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(aborted(signal?.reason))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}

const aborted = (cause: unknown) =>
  new FluentMeetError(0, { code: 'ABORTED', message: 'The call was ended.' }, { cause })
