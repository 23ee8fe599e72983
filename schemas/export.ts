import { type TSchema, Type } from '@sinclair/typebox'
import { Timestamp } from './common.ts'
import { User } from './users.ts'

const Time = Type.Union([Timestamp, Type.Null()])
const list = (description: string, properties: Record<string, TSchema> = {}) =>
  Type.Array(Type.Object(properties, { additionalProperties: true }), { description })

/** Everything that is held about a user. It is streamed, so this describes it and does not shape it. */
export const UserExport = Type.Object(
  {
    exported_at: Timestamp,
    account: Type.Composite(
      [
        User,
        Type.Object({
          email_verified_at: Time,
          accepted_terms_at: Timestamp,
          updated_at: Timestamp,
          totp_confirmed_at: Time,
          recovery_codes_left: Type.Integer(),
        }),
      ],
      { additionalProperties: false },
    ),
    sessions: list('Sign-ins that are still kept, ended ones too', { device: Type.String(), address: Type.String() }),
    api_keys: list('Keys of machines that are still kept, ended ones too', {
      name: Type.String(),
      prefix: Type.String(),
    }),
    rooms_hosted: list('Rooms and their settings', { room_code: Type.String(), name: Type.String() }),
    participations: list('Where the user was, and as whom', { room_code: Type.String(), joined_at: Timestamp }),
    transcript: list('What the user said, as far as it is kept'),
    polls: list('What the user asked', { room_code: Type.String(), question: Type.String() }),
    votes: list('What the user voted for, where that is known', { room_code: Type.String(), question: Type.String() }),
    anonymous_votes: list('Where the user voted, and nobody knows for what', { question: Type.String() }),
    invitations: list('To the address, when it is verified', { room_name: Type.String() }),
    links: list('Links sent by mail, without their tokens', { purpose: Type.String(), used_at: Time }),
    audit_events: list('What is recorded of what the user did, and of what was done to the account', {
      action: Type.String(),
      outcome: Type.String(),
    }),
    mails_pending: list('Mails that are not sent yet', { kind: Type.String() }),
  },
  { additionalProperties: false },
)
