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
/** The cookies are shared by all tabs: so are the lock on changing them, and the news that somebody came or went. */
const SHARED = 'fluentmeet.session'

export function createSession(): Session {
  const user = signal<User | null | undefined>(undefined)
  const others = new BroadcastChannel(SHARED)
  let token: string | null = null
  let expiresAt = 0
  let renewing: Promise<void> | null = null

  function take(answer: SignInAnswer): void {
    token = answer.access_token
    expiresAt = Date.now() + answer.expires_in * 1000 - EARLY_MS
    user.value = answer.user
  }

  function drop(): void {
    token = null
    user.value = null
  }

  async function renew(): Promise<void> {
    const csrf = cookie(CSRF_COOKIE)
    if (csrf === null) return drop()
    try {
      take(await call<SignInAnswer>('POST', '/auth/refresh-token', { headers: { 'x-csrf-token': csrf } }))
    } catch (error) {
      // Only a refusal ends the session: a server that is away for a moment does not.
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) drop()
      else throw error
    }
  }

  /** One renewal at a time, in all tabs: a rotated cookie is not used twice. */
  function renewOnce(): Promise<void> {
    renewing ??= alone(renew).finally(() => {
      renewing = null
    })
    return renewing
  }

  async function authorised(method: string, path: string, options: CallOptions = {}): Promise<Response> {
    if (user.value === undefined || (token !== null && Date.now() > expiresAt)) await renewOnce()
    try {
      return await request(method, path, { ...options, token })
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401 || !error.code.startsWith('TOKEN_')) throw error
      await renewOnce()
      if (token === null) throw error
      return request(method, path, { ...options, token })
    }
  }

  async function resume(): Promise<void> {
    await renewOnce().catch(() => {
      // Who was here still is; who is not known yet is asked to sign in.
      user.value ??= null
    })
  }

  function forget(): void {
    drop()
    others.postMessage('changed')
  }

  others.onmessage = () => void resume()

  return {
    user,
    forget,
    resume,
    request: authorised,
    async call<T>(method: string, path: string, options?: CallOptions): Promise<T> {
      const text = await (await authorised(method, path, options)).text()
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
    async signIn(credentials) {
      await alone(async () => take(await call<SignInAnswer>('POST', '/auth/login', { body: credentials })))
      others.postMessage('changed')
    },
    async signOut(everywhere = false) {
      await authorised('POST', everywhere ? '/auth/logout-all' : '/auth/logout').catch((error: unknown) => {
        // It had ended already.
        if (!(error instanceof ApiError) || error.status !== 401) throw error
      })
      forget()
    },
  }
}

/** Runs what changes the cookies while no tab does so. Without locks, as over plain http, it just runs. */
function alone(change: () => Promise<void>): Promise<void> {
  return navigator.locks ? navigator.locks.request(SHARED, change) : change()
}

function cookie(name: string): string | null {
  const found = document.cookie.split('; ').find((part) => part.startsWith(`${name}=`))
  return found ? decodeURIComponent(found.slice(name.length + 1)) : null
}
