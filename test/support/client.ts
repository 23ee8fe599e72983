import { randomUUID } from 'node:crypto'

export interface Answer<T = Record<string, unknown>> {
  status: number
  headers: Headers
  body: T
}

/** Sends a request as an HTTP client would and reads the JSON answer, if there is one. */
export async function send<T = Record<string, never>>(
  base: string,
  method: string,
  path: string,
  options: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token ? { authorization: `Bearer ${options.token}` } : {}),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: (text === '' ? undefined : JSON.parse(text)) as T }
}

export interface SignedIn {
  email: string
  password: string
  token: string
  csrfToken: string
  /** The Cookie header that carries the refresh token. */
  cookie: string
  userId: string
}

/** Signs up a new account; nothing is signed in yet. */
export async function signUp(base: string, language = 'en'): Promise<{ email: string; password: string }> {
  const account = { email: `${randomUUID()}@example.org`, password: `long enough ${randomUUID()}` }
  const answer = await send(base, 'POST', '/api/v1/auth/signup', {
    body: {
      ...account,
      full_name: 'Ana Pérez',
      speaking_language: language,
      listening_language: language,
      accepted_terms: true,
    },
  })
  if (answer.status !== 201) throw new Error(`sign-up answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return account
}

/** Signs an account in. */
export async function signIn(base: string, account: { email: string; password: string }): Promise<SignedIn> {
  const answer = await send<{ access_token: string; csrf_token: string; user: { id: string } }>(
    base,
    'POST',
    '/api/v1/auth/login',
    { body: { email: account.email, password: account.password } },
  )
  if (answer.status !== 200) throw new Error(`login answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return {
    ...account,
    token: answer.body.access_token,
    csrfToken: answer.body.csrf_token,
    cookie: answer.headers
      .getSetCookie()
      .map((cookie) => cookie.split(';')[0])
      .join('; '),
    userId: answer.body.user.id,
  }
}

/** Signs up and in. */
export async function newUser(base: string, language = 'en'): Promise<SignedIn> {
  return signIn(base, await signUp(base, language))
}

/** Makes a room and joins it; its code. */
export async function newRoom(base: string, token: string): Promise<string> {
  const made = await send<{ room_code: string }>(base, 'POST', '/api/v1/meetings', { token, body: { name: 'Room' } })
  const code = made.body.room_code
  const joined = await send(base, 'POST', `/api/v1/meetings/${code}/join`, { token })
  if (joined.status !== 200) throw new Error(`join answered ${joined.status}: ${JSON.stringify(joined.body)}`)
  return code
}
