import { type Signal, signal } from '@preact/signals'
import { ApiError, type Call, type CallOptions, call, request } from './client.ts'
import type { SignInAnswer, User } from './types.ts'

/** Who uses this page. The access token stays in here: it is in memory only, and the refresh token is a cookie that no script sees. */
export interface Session {
  /** Undefined until it is known, null for nobody. */
  readonly user: Signal<User | null | undefined>
  signIn(credentials: { email: string; password: string; totp?: string }): Promise<void>
  signOut(everywhere?: boolean): Promise<void>
  /** Forgets who was here, without a call: the account is gone, or every session ended. */
  forget(): void
  /** A call as the user; a token that has expired is renewed first. Throws ApiError. */
  readonly call: Call
  /** The same for what is no JSON. */
  request(method: string, path: string, options?: CallOptions): Promise<Response>
  /** Asks the server whether the cookie still signs somebody in. */
  resume(): Promise<void>
}

/** Renewed so long before it ends. */
const EARLY_MS = 30_000
const CSRF_COOKIE = '__Host-csrf'

export function createSession(): Session {
  const user = signal<User | null | undefined>(undefined)
  let token: string | null = null
  let expiresAt = 0
  let renewing: Promise<void> | null = null

  function take(answer: SignInAnswer): void {
    token = answer.access_token
    expiresAt = Date.now() + answer.expires_in * 1000 - EARLY_MS
    user.value = answer.user
  }

  function forget(): void {
    token = null
    user.value = null
  }

  async function renew(): Promise<void> {
    const csrf = cookie(CSRF_COOKIE)
    if (csrf === null) return forget()
    try {
      take(await call<SignInAnswer>('POST', '/auth/refresh-token', { headers: { 'x-csrf-token': csrf } }))
    } catch (error) {
      // Only a refusal ends the session: a server that is away for a moment does not.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) forget()
      else throw error
    }
  }

  /** One renewal at a time: a rotated cookie is not used twice. */
  function renewOnce(): Promise<void> {
    renewing ??= renew().finally(() => (renewing = null))
    return renewing
  }

  async function authorised(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    if (token !== null && Date.now() > expiresAt) await renewOnce()
    try {
      return await request(method, path, { ...options, token })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || !error.code.startsWith('TOKEN_')) throw error
      await renewOnce()
      if (token === null) throw error
      return request(method, path, { ...options, token })
    }
  }

  return {
    user,
    forget,
    request: authorised,
    async call<T>(method: string, path: string, options?: CallOptions): Promise<T> {
      const text = await (await authorised(method, path, options)).text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async signIn(credentials) {
      take(await call<SignInAnswer>('POST', '/auth/login', { body: credentials }))
    },
    async signOut(everywhere = false) {
      await authorised('POST', everywhere ? '/auth/logout-all' : '/auth/logout')
      forget()
    },
    async resume() {
      await renewOnce().catch(() => forget())
    },
  }
}

function cookie(name: string): string | null {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null
}
