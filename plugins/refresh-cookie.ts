import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'

export const REFRESH_COOKIE = '__Host-refresh'
export const CSRF_COOKIE = '__Host-csrf'

// The prefix __Host- makes browsers refuse them without Secure and Path=/, or with a Domain.
const ATTRIBUTES = { path: '/', secure: true, sameSite: 'strict' } as const

export interface CookieSecrets {
  refreshToken: string
  /** Max-Age of both cookies. */
  refreshSeconds: number
  csrfToken: string
}

/** Sets the refresh cookie, which no script can read, and the CSRF cookie, which ours must. */
export function setRefreshCookies(reply: FastifyReply, secrets: CookieSecrets): void {
  const maxAge = secrets.refreshSeconds
  reply.setCookie(REFRESH_COOKIE, secrets.refreshToken, { ...ATTRIBUTES, httpOnly: true, maxAge })
  reply.setCookie(CSRF_COOKIE, secrets.csrfToken, { ...ATTRIBUTES, httpOnly: false, maxAge })
}

export function clearRefreshCookies(reply: FastifyReply): void {
  reply.clearCookie(REFRESH_COOKIE, { ...ATTRIBUTES, httpOnly: true })
  reply.clearCookie(CSRF_COOKIE, { ...ATTRIBUTES, httpOnly: false })
}

/** The refresh token that came as a cookie. */
export function refreshTokenOf(request: FastifyRequest): string | undefined {
  return request.cookies[REFRESH_COOKIE] || undefined
}
