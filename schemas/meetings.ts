import { type Static, Type } from '@sinclair/typebox'
import { LanguageTag, SafeText, Strict, Timestamp, Uuid } from './common.ts'

export const Role = Type.Union([
  Type.Literal('host'),
  Type.Literal('co_host'),
  Type.Literal('participant'),
  Type.Literal('guest'),
])
export type Role = Static<typeof Role>

/** A participant as everyone in the room sees it, over HTTP and on the socket. */
export const Participant = Strict({
  id: Uuid,
  display_name: SafeText(100),
  role: Role,
  speaking_language: LanguageTag,
  listening_language: LanguageTag,
  joined_at: Timestamp,
})
export type Participant = Static<typeof Participant>
