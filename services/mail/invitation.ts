import type { RoomRecord } from '../../repositories/rooms.ts'
import type { InvitationLink } from '../invitation-links.ts'
import { calendarFile } from './calendar.ts'
import type { Message } from './messages.ts'

export interface InvitationContext {
  to: string
  room: Pick<RoomRecord, 'id' | 'room_code' | 'name' | 'scheduled_at'>
  hostName: string
  link: Pick<InvitationLink, 'url' | 'expiresAt'>
  publicUrl: string
  /** The sender's bare address. */
  from: string
  now: Date
}

/**
 * The mail that invites to a room. Nothing that a user chose is in a header except the address. The calendar entry has the plain link:
 * calendars are shared, and the invitation is for one person, once.
 */
export function invitationMessage({ to, room, hostName, link, publicUrl, from, now }: InvitationContext): Message {
  const name = unlinked(room.name)
  const host = unlinked(hostName)
  const start = room.scheduled_at ?? now
  const calendar = calendarFile({
    uid: `${room.id}@${new URL(publicUrl).hostname}`,
    name,
    url: `${publicUrl}/join/${room.room_code}`,
    start,
    stamp: now,
    organizer: { name: host, email: from },
  })
  return {
    to,
    subject: 'You are invited to a meeting',
    text: [
      'Hello,',
      `${host} invites you to the meeting "${name}".`,
      `When: ${room.scheduled_at ? inUtc(start) : 'now, and whenever the room is open'}`,
      'Open this link to join:',
      link.url,
      `The link is yours alone: it lets one person in, until ${inUtc(link.expiresAt)}.`,
      'If you do not know who invites you, ignore this mail.',
      `FluentMeet, ${publicUrl}`,
    ].join('\n\n'),
    calendar,
  }
}

/** A name that does not become a link in a mail reader: the mail must point nowhere but to us. */
function unlinked(name: string): string {
  return name
    .replaceAll('://', ': //')
    .replaceAll(/(?<=[\p{L}\p{N}])\.(?=\p{L})/gu, '. ')
    .replaceAll('@', ' at ')
}

/** `2030-05-01 10:00 UTC` */
function inUtc(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
