import { Secret, TOTP } from 'otpauth'

const ISSUER = 'FluentMeet'
const PERIOD_SECONDS = 30
const DIGITS = 6
/** 160 bits, as RFC 4226 recommends. */
const SECRET_BYTES = 20
/** Steps before and after the present one whose codes are taken: clocks differ, and typing takes time. */
const WINDOW = 1

/** A new shared secret, base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32
}

/** What an authenticator app reads as a QR code. It holds the secret. */
export function otpauthUrl(secret: string, email: string): string {
  return totpOf(secret, email).toString()
}

/** The time step that a code of RFC 6238 (SHA-1, 6 digits, 30 s) belongs to, when it is near `now`; null for any other. */
export function stepOf(secret: string, code: string, now: Date): number | null {
  const totp = totpOf(secret)
  const timestamp = now.getTime()
  const delta = totp.validate({ token: code, timestamp, window: WINDOW })
  return delta === null ? null : totp.counter({ timestamp }) + delta
}

/** Whether a text, without its spaces, looks like a code of the app and not like a recovery code. */
export function isTotpCode(text: string): boolean {
  return /^\d{6}$/.test(text)
}

function totpOf(secret: string, label = ''): TOTP {
  const options = { issuer: ISSUER, label, algorithm: 'SHA1', digits: DIGITS, period: PERIOD_SECONDS }
  return new TOTP({ ...options, secret: Secret.fromBase32(secret) })
}
