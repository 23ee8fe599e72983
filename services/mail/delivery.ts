import type { AccountMailKind, MailJob } from '../../repositories/mail-jobs.ts'
import type { RoomsRepository } from '../../repositories/rooms.ts'
import type { UserRecord, UsersRepository } from '../../repositories/users.ts'
import type { Limiter } from '../../state/limiter.ts'
import type { InvitationLinks } from '../invitation-links.ts'
import type { OneTimeLinks, Purpose } from '../one-time-links.ts'
import { invitationMessage } from './invitation.ts'
import { messageOf } from './messages.ts'
import type { MailTransport } from './transport.ts'

/** How often the owner of an address hears within a day that somebody signs up with it. */
const ADDRESS_TAKEN = { name: 'address-taken', max: 3, windowMs: 86_400_000 }

export interface DeliveryOptions {
  users: Pick<UsersRepository, 'findByEmail' | 'findById'>
  rooms: Pick<RoomsRepository, 'findById'>
  links: Pick<OneTimeLinks, 'issue' | 'withdraw'>
  invitationLinks: Pick<InvitationLinks, 'issue' | 'withdraw'>
  limiter: Limiter
  transport: Pick<MailTransport, 'send' | 'from'>
  publicUrl: string
  now?: () => Date
}

export type Delivered = 'sent' | 'nobody' | 'too_many'

/** Does what a mail job promised: finds whom it is for, makes the link, sends. Throws when the mail was not taken over. */
export function createDelivery(options: DeliveryOptions) {
  const { users, rooms, links, invitationLinks, limiter, transport, publicUrl, now = () => new Date() } = options

  /** A stranger cannot fill a mailbox. A mail that is tried again was counted the first time. */
  async function isTooMany(kind: AccountMailKind, user: UserRecord, attempts: number): Promise<boolean> {
    if (kind !== 'address_taken' || attempts > 1) return false
    return !(await limiter.admit({ limits: [ADDRESS_TAKEN], subject: `u:${user.id}` })).admitted
  }

  async function toAccount(kind: AccountMailKind, { email, attempts }: Job): Promise<Delivered> {
    const user = await users.findByEmail(email)
    if (!user || (kind === 'verify' && user.email_verified_at)) return 'nobody'
    if (await isTooMany(kind, user, attempts)) return 'too_many'
    const purpose = linkOf(kind, user)
    const link = purpose ? await links.issue(user.id, purpose) : undefined
    if (link === null) return 'too_many'
    try {
      await transport.send(messageOf(kind, { to: user.email, name: user.full_name, publicUrl, link }))
    } catch (error) {
      if (link) await links.withdraw(link)
      throw error
    }
    return 'sent'
  }

  /** `nobody`: the room has ended meanwhile, or is gone. */
  async function toInvited({ email, room_id }: Job): Promise<Delivered> {
    const room = room_id && (await rooms.findById(room_id))
    const host = room && room.status !== 'ended' ? await users.findById(room.host_user_id) : null
    if (!room || !host) return 'nobody'
    const link = await invitationLinks.issue(room, email)
    const context = { to: email, room, hostName: host.full_name, link, publicUrl, from: transport.from, now: now() }
    try {
      await transport.send(invitationMessage(context))
    } catch (error) {
      await invitationLinks.withdraw(link)
      throw error
    }
    return 'sent'
  }

  return (job: Job): Promise<Delivered> =>
    job.kind === 'invitation' ? toInvited(job) : toAccount(job.kind as AccountMailKind, job)
}

/** The link that a mail has. */
function linkOf(kind: AccountMailKind, user: UserRecord): Purpose | null {
  if (kind === 'verify' || kind === 'reset') return kind
  // Nobody has proved to own the address: whoever does takes the account over, and the password of whoever signed up first goes.
  return kind === 'address_taken' && !user.email_verified_at ? 'reset' : null
}

type Job = Pick<MailJob, 'kind' | 'email' | 'room_id' | 'attempts'>
