import type { AccountsOptions } from './accounts/deps.ts'
import { createProfile } from './accounts/profile.ts'
import { createRecovery } from './accounts/recovery.ts'
import { createRegistration } from './accounts/registration.ts'
import { createSigningIn } from './accounts/signing-in.ts'
import { createTotp } from './accounts/totp.ts'

export type { AccountsOptions, Caller, SignedIn } from './accounts/deps.ts'

export type Accounts = ReturnType<typeof createAccounts>

/**
 * The rules of accounts. No answer and no time tells whether an address has one, but for what EMAIL_NOT_VERIFIED says to who signed up with
 * it (docs/decisions/0016).
 */
export function createAccounts(options: AccountsOptions) {
  const deps = { ...options, now: options.now ?? (() => new Date()) }
  return {
    ...createRegistration(deps),
    ...createSigningIn(deps),
    ...createRecovery(deps),
    ...createTotp(deps),
    ...createProfile(deps),
  }
}
