/** Where a session's cookies are: in the browser, which sends them by itself, or in memory. */
export interface Cookies {
  /** What proves that a call is ours; null when nobody is signed in. */
  csrf(): string | null
  /** To send along. */
  headers(): Record<string, string>
  /** Keeps what an answer of signing in brought. */
  take(response: Response, csrfToken: string): void
  forget(): void
}

const CSRF_COOKIE = '__Host-csrf'
const REFRESH_COOKIE = '__Host-refresh'

/** The browser's where there is one. */
export function createCookies(): Cookies {
  const page = (globalThis as { document?: { readonly cookie: string } }).document
  return page ? browserCookies(page) : memoryCookies()
}

/** The refresh token is seen by no script. The token against CSRF is read where the page is the server's own, else it is remembered. */
function browserCookies(page: { readonly cookie: string }): Cookies {
  let remembered: string | null = null
  return {
    csrf: () => cookieIn(page.cookie.split('; '), CSRF_COOKIE) ?? remembered,
    headers: () => ({}),
    take(_response, csrfToken) {
      remembered = csrfToken
    },
    forget() {
      remembered = null
    },
  }
}

function memoryCookies(): Cookies {
  let csrf: string | null = null
  let refresh: string | null = null
  return {
    csrf: () => (refresh === null ? null : csrf),
    headers: (): Record<string, string> => (refresh === null ? {} : { cookie: `${REFRESH_COOKIE}=${refresh}` }),
    take(response, csrfToken) {
      csrf = csrfToken
      refresh = cookieIn(response.headers.getSetCookie(), REFRESH_COOKIE) ?? refresh
    },
    forget() {
      csrf = null
      refresh = null
    },
  }
}

function cookieIn(cookies: readonly string[], name: string): string | null {
  const found = cookies.find((cookie) => cookie.startsWith(`${name}=`))
  return found === undefined ? null : decodeURIComponent(found.slice(name.length + 1).split(';')[0] ?? '')
}
