import { type Static, Type } from '@sinclair/typebox'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../services/passwords/policy.ts'
import { Email, LanguageTag, SafeText, Strict, Timestamp, Uuid } from './common.ts'
import { SecondFactor, User } from './users.ts'

const Password = Type.String({ minLength: 1, maxLength: MAX_PASSWORD_LENGTH })
const NewPassword = Type.String({
  minLength: MIN_PASSWORD_LENGTH,
  maxLength: MAX_PASSWORD_LENGTH,
  description: 'Any characters; common passwords and the own name or address are refused.',
})
const LinkToken = Type.String({ minLength: 1, maxLength: 128, description: 'From the mail' })

export const SignupRequest = Strict({
  email: Email,
  password: NewPassword,
  full_name: SafeText(100),
  speaking_language: Type.Optional(LanguageTag),
  listening_language: Type.Optional(LanguageTag),
  accepted_terms: Type.Literal(true),
})
export type SignupRequest = Static<typeof SignupRequest>

export const LoginRequest = Strict({ email: Email, password: Password, totp: Type.Optional(SecondFactor) })

export const SignInAnswer = Strict({
  access_token: Type.String({ maxLength: 2048 }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
  csrf_token: Type.String({ maxLength: 128, description: 'For X-CSRF-Token on calls that the cookie authenticates' }),
  user: User,
})

export const EmailRequest = Strict({ email: Email })
export const VerifyEmailRequest = Strict({ token: LinkToken })
export const ResetPasswordRequest = Strict({ token: LinkToken, new_password: NewPassword })
export const ChangePasswordRequest = Strict({
  current_password: Password,
  new_password: NewPassword,
  totp: Type.Optional(SecondFactor),
})

export const TotpSetupRequest = Strict({ password: Password })
export const TotpSetup = Strict({
  secret: Type.String({ maxLength: 64, description: 'Base32, to type into the authenticator app' }),
  otpauth_url: Type.String({ maxLength: 1024, description: 'The same as a QR code has it' }),
})
export const TotpConfirmRequest = Strict({
  code: Type.String({ minLength: 1, maxLength: 16, description: 'The 6 digits that the app shows' }),
})
export const RecoveryCodes = Strict({
  recovery_codes: Type.Array(Type.String({ maxLength: 64 }), {
    maxItems: 10,
    description: 'Each signs in once in place of a code of the app; not shown again',
  }),
})
export const TotpDisableRequest = Strict({ password: Password, code: SecondFactor })

/** The same whether or not there is such an address. */
export const MailPromise = Strict({ message: Type.String({ maxLength: 200 }) })

export const SessionList = Strict({
  sessions: Type.Array(
    Strict({
      id: Uuid,
      device: Type.String({ maxLength: 200, description: 'The User-Agent of the sign-in' }),
      address: Type.String({ maxLength: 64 }),
      created_at: Timestamp,
      last_used_at: Timestamp,
      current: Type.Boolean({ description: 'The session of this request' }),
    }),
    { maxItems: 100 },
  ),
})
export type SessionList = Static<typeof SessionList>

export const SessionParams = Strict({ id: Uuid })
