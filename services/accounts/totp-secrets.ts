import { seal, unseal } from '../secrets.ts'

export interface TotpSecretsOptions {
  secretKey: string
  /** Secrets that were sealed under it still open, so that keys rotate. */
  secretKeyPrevious: string | null
}

/** Shared secrets as they are stored: sealed under the server's key, each for its user. */
export function createTotpSecrets({ secretKey, secretKeyPrevious }: TotpSecretsOptions) {
  const useOf = (userId: string) => ({ purpose: 'totp', context: userId }) as const

  return {
    seal: (userId: string, secret: string): string => seal(secret, secretKey, useOf(userId)),

    /** The secret, and how it should be stored from now on: under today's key. Null when no key opens it. */
    open(userId: string, sealed: string): { secret: string; resealed: string } | null {
      const current = tryUnseal(userId, sealed, secretKey)
      if (current !== null) return { secret: current, resealed: sealed }
      const secret = secretKeyPrevious && tryUnseal(userId, sealed, secretKeyPrevious)
      return secret ? { secret, resealed: seal(secret, secretKey, useOf(userId)) } : null
    },
  }

  function tryUnseal(userId: string, sealed: string, key: string): string | null {
    try {
      return unseal(sealed, key, useOf(userId))
    } catch {
      return null
    }
  }
}
