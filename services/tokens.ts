import { createHash, randomUUID } from 'node:crypto'
import { createSigner, createVerifier, TokenError } from 'fast-jwt'
import { LRUCache } from 'lru-cache'
import { AppError } from '../errors.ts'
import type { Principal } from './principal.ts'

const ISSUER = 'fluentmeet'
const AUDIENCE = 'fluentmeet-api'
/** A guest has no refresh token: its token lasts a long meeting and ends with its participation. */
export const GUEST_TOKEN_TTL_SECONDS = 8 * 3600
const CACHED_TOKENS = 10_000
/** 72 bits of the signature. */
const END_LENGTH = 12

export interface TokensOptions {
  secretKey: string
  /** Still verified, never signed with, so that keys rotate. */
  secretKeyPrevious: string | null
  accessTokenTtlSeconds: number
}

export interface IssuedToken {
  token: string
  jti: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

interface Claims {
  sub: string
  jti: string
  sid: string
  iat: number
  exp: number
  type: 'access' | 'guest'
  room?: string
}

export interface Tokens {
  issueAccess(userId: string, sessionId: string): IssuedToken
  issueGuest(participantId: string, roomId: string): IssuedToken
  /**
   * Checks signature, algorithm, issuer, audience, type and times (RFC 8725); a verified token is cached until it expires.
   * Throws UNAUTHENTICATED or TOKEN_EXPIRED. Revocation is not looked at here.
   */
  verify(token: string): Principal
}

/** JWTs signed with HS256 under a key that `kid` names. */
export function createTokens(options: TokensOptions): Tokens {
  const secrets = [options.secretKey, ...(options.secretKeyPrevious ? [options.secretKeyPrevious] : [])]
  const sign = signerOf(options.secretKey)
  // A header is constant under one key, so the exact header segment picks the verifier: any other algorithm, type or kid finds none.
  const verifiers = new Map(secrets.map((secret) => [headerOf(signerOf(secret)({})), verifierOf(secret)]))
  // Found by the end of the signature, which is quick to look up, and compared whole.
  const verified = new LRUCache<string, { token: string; principal: Principal }>({ max: CACHED_TOKENS })

  function issue(claims: Omit<Claims, 'jti' | 'iat' | 'exp'>, ttlSeconds: number): IssuedToken {
    const jti = randomUUID()
    const iat = Math.floor(Date.now() / 1000)
    const exp = iat + ttlSeconds
    return { token: sign({ ...claims, jti, iat, exp }), jti, expiresAt: exp * 1000 }
  }

  return {
    issueAccess: (userId, sessionId) =>
      issue({ sub: userId, sid: sessionId, type: 'access' }, options.accessTokenTtlSeconds),
    issueGuest: (participantId, room) =>
      issue({ sub: participantId, sid: participantId, type: 'guest', room }, GUEST_TOKEN_TTL_SECONDS),
    verify(token) {
      const end = token.slice(-END_LENGTH)
      const known = verified.get(end)
      if (known?.token === token && known.principal.expiresAt > Date.now()) return known.principal
      const verifier = verifiers.get(headerOf(token))
      if (!verifier) throw new AppError('UNAUTHENTICATED')
      try {
        const principal = principalOf(verifier(token) as Claims)
        verified.set(end, { token, principal })
        return principal
      } catch (cause) {
        const expired = cause instanceof TokenError && cause.code === TokenError.codes.expired
        throw new AppError(expired ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED', undefined, { cause })
      }
    },
  }
}

function signerOf(secret: string) {
  const kid = createHash('sha256').update(`kid:${secret}`).digest('base64url').slice(0, 8)
  return createSigner<object>({ key: secret, algorithm: 'HS256', kid, iss: ISSUER, aud: AUDIENCE })
}

function verifierOf(secret: string) {
  return createVerifier({
    key: secret,
    algorithms: ['HS256'],
    allowedIss: ISSUER,
    allowedAud: AUDIENCE,
    requiredClaims: ['iss', 'aud', 'sub', 'jti', 'sid', 'iat', 'exp', 'type'],
  })
}

function headerOf(token: string): string {
  return token.slice(0, token.indexOf('.'))
}

function principalOf(claims: Claims): Principal {
  const { sub, sid, jti, exp, type, room } = claims
  if (![sub, sid, jti].every((claim) => typeof claim === 'string' && claim !== ''))
    throw new AppError('UNAUTHENTICATED')
  const expiresAt = exp * 1000
  if (type === 'access') return { kind: 'user', userId: sub, sessionId: sid, jti, expiresAt }
  if (type === 'guest' && typeof room === 'string')
    return { kind: 'guest', participantId: sub, roomId: room, sessionId: sid, jti, expiresAt }
  throw new AppError('UNAUTHENTICATED')
}
