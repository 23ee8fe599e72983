import { FluentMeetError } from '../error.ts'
import type { LoginRequest, SignedIn, User } from '../generated/api.ts'
import { readAnswer } from './answer.ts'
import { type ApiOptions, apiOf, createSend } from './api.ts'
import { type Cookies, createCookies } from './cookies.ts'
import type { AnyOptions, Api } from './operation.ts'

/** Calls as a user who signs in. The access token is in memory only; the refresh token is a cookie, in a browser one that no script sees. */
export interface Session extends Api {
  /** Undefined until it is known, null for nobody. */
  readonly user: User | null | undefined
  signIn(credentials: LoginRequest): Promise<User>
  signOut(options?: { everywhere?: boolean }): Promise<void>
  /** Asks whether the cookie still signs somebody in. A server that is away changes nothing of what is known. */
  resume(): Promise<User | null>
  /** Forgets who was here, without a call: the account is gone, or every session ended. */
  forget(): void
}

export interface SessionOptions extends Omit<ApiOptions, 'token' | 'apiKey'> {
  /** Told whenever it is known anew who is signed in. */
  onUser?: (user: User | null) => void
  /** Runs what changes the cookies while nobody who shares them does. By default the browser's lock, where there is one. */
  alone?: <T>(change: () => Promise<T>) => Promise<T>
  cookies?: Cookies
}

/** Renewed so long before it ends. */
const EARLY_MS = 30_000

export function createSession({ onUser = () => {}, ...options }: SessionOptions): Session {
  const { alone = aloneInBrowser, cookies = createCookies() } = options
  const send = createSend(options)
  let user: User | null | undefined
  let token: string | null = null
  let expiresAt = 0
  let renewing: Promise<void> | null = null

  function set(next: User | null): void {
    user = next
    onUser(next)
  }

  function drop(): void {
    token = null
    set(null)
  }

  async function enter(operation: string, call: AnyOptions): Promise<User> {
    const response = await send(operation, call)
    const answer = (await readAnswer(response)) as SignedIn
    cookies.take(response, answer.csrf_token)
    token = answer.access_token
    expiresAt = Date.now() + answer.expires_in * 1000 - EARLY_MS
    set(answer.user)
    return answer.user
  }

  async function renew(): Promise<void> {
    const csrf = cookies.csrf()
    if (csrf === null) return drop()
    try {
      await enter('POST /auth/refresh-token', { headers: { 'x-csrf-token': csrf, ...cookies.headers() } })
    } catch (error) {
      // Only a refusal ends the session: a server that is away for a moment does not.
      if (error instanceof FluentMeetError && (error.status === 401 || error.status === 403)) drop()
      else throw error
    }
  }

  /** One renewal at a time: a rotated cookie is not used twice. */
  function renewOnce(): Promise<void> {
    renewing ??= alone(renew).finally(() => {
      renewing = null
    })
    return renewing
  }

  async function sendAsUser(operation: string, call: AnyOptions = {}): Promise<Response> {
    if (call.token !== undefined) return send(operation, call)
    if (user === undefined || (token !== null && Date.now() > expiresAt)) await renewOnce()
    try {
      return await send(operation, { ...call, token })
    } catch (error) {
      if (!(error instanceof FluentMeetError) || error.status !== 401 || !error.code.startsWith('TOKEN_')) throw error
      await renewOnce()
      if (token === null) throw error
      return send(operation, { ...call, token })
    }
  }

  function forget(): void {
    cookies.forget()
    drop()
  }

  return {
    ...apiOf(options.baseUrl, sendAsUser),
    get user() {
      return user
    },
    forget,
    signIn: (body) => alone(() => enter('POST /auth/login', { body })),
    async signOut({ everywhere = false } = {}) {
      await sendAsUser(everywhere ? 'POST /auth/logout-all' : 'POST /auth/logout').catch((error: unknown) => {
        // It had ended already.
        if (!(error instanceof FluentMeetError) || error.status !== 401) throw error
      })
      forget()
    },
    async resume() {
      // Who was here still is; who is not known yet is asked to sign in.
      await renewOnce().catch(() => user === undefined && set(null))
      return user ?? null
    },
  }
}

interface Locks {
  request<T>(name: string, run: () => Promise<T>): Promise<T>
}

/** The cookies are shared by all tabs. Without locks, as over plain http or in a server, it just runs. */
function aloneInBrowser<T>(change: () => Promise<T>): Promise<T> {
  const { document, navigator } = globalThis as { document?: unknown; navigator?: { locks?: Locks } }
  return document && navigator?.locks ? navigator.locks.request('fluentmeet.session', change) : change()
}
