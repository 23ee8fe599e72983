import { EngineError, type EngineFault } from './engine-error.ts'

export interface ProviderOptions {
  /** The engine's name, for errors. */
  engine: string
  /** `https://api.example.org/v1`: an http(s) address without user, query and fragment. */
  baseUrl: string
  /** Sent with every request; where the key is. */
  headers?: Readonly<Record<string, string>>
}

export interface ProviderRequest {
  method: 'GET' | 'POST'
  /** Behind the base, with its query: `/audio/speech`. Never holds what people said. */
  path: string
  /** Sent as JSON. */
  json?: unknown
  /** Sent as it is. */
  body?: FormData | Uint8Array<ArrayBuffer>
  contentType?: string
  /** More than this is not read. */
  maxBytes: number
  signal?: AbortSignal
}

/** The HTTP side of one provider. */
export interface Provider {
  /** The bytes of a 200. Throws EngineError, and the signal's reason when it aborts. */
  fetch(request: ProviderRequest): Promise<Buffer>
  /** The same, as parsed JSON. */
  json(request: ProviderRequest): Promise<unknown>
}

/** Speaks to one provider. Redirects are not followed: the key and what people said stay where the operator sent them. */
export function createProvider({ engine, baseUrl, headers = {} }: ProviderOptions): Provider {
  const base = baseUrl.replace(/\/+$/, '')

  async function send(request: ProviderRequest): Promise<Response> {
    const { method, path, json, body, contentType, signal } = request
    const type = json === undefined ? contentType : 'application/json'
    try {
      return await fetch(base + path, {
        method,
        redirect: 'manual',
        headers: { accept: '*/*', ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      })
    } catch (error) {
      signal?.throwIfAborted()
      throw new EngineError(engine, 'unreachable', `no answer (${codeOf(error)})`)
    }
  }

  async function read(response: Response, { maxBytes, signal }: ProviderRequest): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.byteLength
        // Leaving the loop ends the connection.
        if (size > maxBytes) break
        chunks.push(chunk)
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw new EngineError(engine, 'failed', `the answer broke off (${codeOf(error)})`)
    }
    if (size > maxBytes) throw new EngineError(engine, 'garbage', `an answer of more than ${maxBytes} bytes`)
    return Buffer.concat(chunks, size)
  }

  async function ask(request: ProviderRequest): Promise<Buffer> {
    request.signal?.throwIfAborted()
    const response = await send(request)
    if (response.status === 200) return read(response, request)
    await response.body?.cancel().catch(() => undefined)
    const retryAfterMs = retryAfterOf(response)
    throw new EngineError(
      engine,
      faultOf(response.status),
      `answered ${response.status}`,
      retryAfterMs === null ? {} : { retryAfterMs },
    )
  }

  return {
    fetch: ask,
    async json(request) {
      const bytes = await ask(request)
      try {
        return JSON.parse(bytes.toString()) as unknown
      } catch {
        throw new EngineError(engine, 'garbage', 'an answer that is not JSON')
      }
    },
  }
}

function faultOf(status: number): EngineFault {
  if (status === 429 || status === 503) return 'busy'
  // 456: DeepL's quota is used up.
  if (status === 401 || status === 402 || status === 403 || status === 404 || status === 456) return 'refused'
  if (status >= 400 && status < 500) return 'rejected'
  // Redirects among them.
  return status < 400 ? 'refused' : 'failed'
}

/** `Retry-After` in seconds or as a date; null when there is none. */
function retryAfterOf({ headers }: Response): number | null {
  const value = headers.get('retry-after')
  if (value === null) return null
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

/** `ECONNREFUSED` and the like: the message itself may hold an address. */
function codeOf(error: unknown): string {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return 'unknown'
}
