import { type Static, Type } from '@sinclair/typebox'
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../services/passwords/policy.ts'
import { Email, LanguageTag, SAMPLE_TOKEN, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'
import { FullName, SecondFactor, User } from './users.ts'

/** Of the documents; nobody's. */
export const SAMPLE_CSRF_TOKEN = 'kY2m9XbQ7vT4sLr0aWd3Ge.zN8cWf3Hp6Ue1Ja5Vb2Kt7Lq0Rs9Xd4My6Gh1Ti5Wo8'
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const RECOVERY_CODES = ['mq4x-t7cd-b2hj-5rkw-z3fn-ovaq-72lp', 'a6yp-v2le-dux7-gqst-4oib-r5md-zc3k']

const Password = Type.String({
  minLength: 1,
  maxLength: MAX_PASSWORD_LENGTH,
  examples: ['seven herons cross the estuary'],
})
const NewPassword = Type.String({
  minLength: MIN_PASSWORD_LENGTH,
  maxLength: MAX_PASSWORD_LENGTH,
  description: 'Any characters; common passwords and the own name or address are refused.',
  examples: ['seven herons cross the estuary'],
})
const LINK_TOKEN = 'Zk3vQ8nWx1Tg6yLb0mRc9sPd4fHj7aUe2oKi5tNzBqM'
const LinkToken = Type.String({ minLength: 1, maxLength: 128, description: 'From the mail', examples: [LINK_TOKEN] })

export const SignupRequest = Strict(
  {
    email: Email,
    password: NewPassword,
    full_name: FullName,
    speaking_language: Type.Optional(withExample(LanguageTag, 'es')),
    listening_language: Type.Optional(withExample(LanguageTag, 'es')),
    accepted_terms: Type.Literal(true),
  },
  { title: 'SignupRequest' },
)
export type SignupRequest = Static<typeof SignupRequest>

export const LoginRequest = Strict(
  { email: Email, password: Password, totp: Type.Optional(SecondFactor) },
  { title: 'LoginRequest' },
)

export const SignInAnswer = Strict(
  {
    access_token: Type.String({ maxLength: 2048, examples: [SAMPLE_TOKEN] }),
    token_type: Type.Literal('Bearer'),
    expires_in: Type.Integer({ description: 'Seconds', examples: [900] }),
    csrf_token: Type.String({
      maxLength: 128,
      description: 'For X-CSRF-Token on calls that the cookie authenticates',
      examples: [SAMPLE_CSRF_TOKEN],
    }),
    user: User,
  },
  { title: 'SignedIn' },
)

export const EmailRequest = Strict({ email: Email }, { title: 'EmailRequest' })
export const VerifyEmailRequest = Strict({ token: LinkToken }, { title: 'VerifyEmailRequest' })
export const ResetPasswordRequest = Strict(
  { token: LinkToken, new_password: NewPassword },
  { title: 'ResetPasswordRequest' },
)
export const ChangePasswordRequest = Strict(
  {
    current_password: Password,
    new_password: withExample(NewPassword, 'nine otters cross the estuary'),
    totp: Type.Optional(SecondFactor),
  },
  { title: 'ChangePasswordRequest' },
)

export const TotpSetupRequest = Strict({ password: Password }, { title: 'TotpSetupRequest' })
export const TotpSetup = Strict(
  {
    secret: Type.String({
      maxLength: 64,
      description: 'Base32, to type into the authenticator app',
      examples: [TOTP_SECRET],
    }),
    otpauth_url: Type.String({
      maxLength: 1024,
      description: 'The same as a QR code has it',
      examples: [
        `otpauth://totp/FluentMeet:ana%40example.org?issuer=FluentMeet&secret=${TOTP_SECRET}&algorithm=SHA1&digits=6&period=30`,
      ],
    }),
  },
  { title: 'TotpSetup' },
)
export const TotpConfirmRequest = Strict(
  {
    code: Type.String({
      minLength: 1,
      maxLength: 16,
      description: 'The 6 digits that the app shows',
      examples: ['492039'],
    }),
  },
  { title: 'TotpConfirmRequest' },
)
export const RecoveryCodes = Strict(
  {
    recovery_codes: Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 10,
      description: 'Each signs in once in place of a code of the app; not shown again',
      examples: [RECOVERY_CODES],
    }),
  },
  { title: 'RecoveryCodes' },
)
export const TotpDisableRequest = Strict({ password: Password, code: SecondFactor }, { title: 'TotpDisableRequest' })

/** The same whether or not there is such an address. */
export const MailPromise = Strict(
  {
    message: Type.String({
      maxLength: 200,
      examples: ['If that is the address of an account that needs it, a mail is on its way.'],
    }),
  },
  { title: 'MailPromise' },
)

const Session = Strict(
  {
    id: Uuid,
    device: Type.String({
      maxLength: 200,
      description: 'The User-Agent of the sign-in',
      examples: ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
    }),
    address: Type.String({ maxLength: 64, examples: ['203.0.113.7'] }),
    created_at: withExample(Timestamp, '2026-02-27T16:05:00.000Z'),
    last_used_at: Timestamp,
    current: Type.Boolean({ description: 'The session of this request', examples: [true] }),
  },
  { title: 'Session' },
)

export const SessionList = Strict(
  { sessions: Type.Array(Session, { maxItems: 100 }) },
  { title: 'SessionList', description: 'The last used first' },
)
export type SessionList = Static<typeof SessionList>

export const SessionParams = Strict({ id: Uuid })
