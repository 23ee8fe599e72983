import { type Static, Type } from '@sinclair/typebox'
import { Email, LanguageTag, SafeText, Strict, Timestamp, Uuid } from './common.ts'

/** Where TOTP is on: a code of the authenticator app, or a recovery code. */
export const SecondFactor = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Where one-time passwords are on: the 6 digits of the app, or a recovery code',
})

export const ROLES = ['user', 'admin'] as const
export const Role = Type.Union(ROLES.map((role) => Type.Literal(role)))
export type Role = (typeof ROLES)[number]

/** A user as its owner sees it. */
export const User = Strict({
  id: Uuid,
  email: Email,
  full_name: SafeText(100),
  speaking_language: LanguageTag,
  listening_language: LanguageTag,
  email_verified: Type.Boolean(),
  totp_enabled: Type.Boolean({ description: 'Signing in asks for a one-time password too' }),
  role: Role,
  created_at: Timestamp,
})
export type User = Static<typeof User>

export const ProfileChange = Type.Partial(
  Strict({ full_name: SafeText(100), speaking_language: LanguageTag, listening_language: LanguageTag }),
  { additionalProperties: false, minProperties: 1 },
)
export type ProfileChange = Static<typeof ProfileChange>

export const AccountDeletion = Strict({
  password: Type.String({ minLength: 1, maxLength: 128 }),
  totp: Type.Optional(SecondFactor),
})
