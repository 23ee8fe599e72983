import { type TSchema, Type } from '@sinclair/typebox'
import { Timestamp } from './common.ts'
import { User } from './users.ts'

const Time = Type.Union([Timestamp, Type.Null()])
const list = (description: string, properties: Record<string, TSchema> = {}, examples: object[] = []) =>
  Type.Array(Type.Object(properties, { additionalProperties: true }), { description, examples: [examples] })
const SESSION = {
  id: '3f0c8e1a-5b7d-4c29-9e46-8a1d2b60f7c3',
  device: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  address: '203.0.113.7',
  created_at: '2026-02-27T16:05:00.000Z',
  last_used_at: '2026-03-02T09:00:00.000Z',
  expires_at: '2026-03-29T16:05:00.000Z',
  revoked_at: null,
  revoked_reason: null,
}

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
          totp_confirmed_at: Type.Union([Timestamp, Type.Null()], { examples: [null] }),
          recovery_codes_left: Type.Integer({ minimum: 0 }),
        }),
      ],
      { additionalProperties: false },
    ),
    sessions: list('Sign-ins that are still kept, ended ones too', { device: Type.String(), address: Type.String() }, [
      SESSION,
    ]),
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
  { additionalProperties: false, title: 'UserExport' },
)
