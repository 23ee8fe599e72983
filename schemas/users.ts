import { type Static, Type } from '@sinclair/typebox'
import { Email, LanguageTag, SafeText, Strict, Timestamp, Uuid } from './common.ts'
import { withExample } from './examples.ts'

/** Where TOTP is on: a code of the authenticator app, or a recovery code. */
export const SecondFactor = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Where one-time passwords are on: the 6 digits of the app, or a recovery code',
  examples: ['492039'],
})

export const ROLES = ['user', 'admin'] as const
export const Role = Type.Union(
  ROLES.map((role) => Type.Literal(role)),
  { title: 'UserRole' },
)
export type Role = (typeof ROLES)[number]

export const FullName = SafeText(100, { examples: ['Ana Lima'] })

/** A user as its owner sees it. */
export const User = Strict(
  {
    id: Uuid,
    email: Email,
    full_name: FullName,
    speaking_language: withExample(LanguageTag, 'es'),
    listening_language: withExample(LanguageTag, 'es'),
    email_verified: Type.Boolean({ examples: [true] }),
    totp_enabled: Type.Boolean({ description: 'Signing in asks for a one-time password too' }),
    role: Role,
    created_at: withExample(Timestamp, '2026-02-27T16:00:00.000Z'),
  },
  { title: 'User', description: 'A user as its owner sees it' },
)
export type User = Static<typeof User>

export const ProfileChange = Type.Partial(
  Strict({ full_name: FullName, speaking_language: LanguageTag, listening_language: LanguageTag }),
  { additionalProperties: false, minProperties: 1, title: 'ProfileChange', examples: [{ listening_language: 'fr' }] },
)
export type ProfileChange = Static<typeof ProfileChange>

export const AccountDeletion = Strict(
  {
    password: Type.String({ minLength: 1, maxLength: 128, examples: ['seven herons cross the estuary'] }),
    totp: Type.Optional(SecondFactor),
  },
  { title: 'AccountDeletion' },
)
