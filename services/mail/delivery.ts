import type { MailJob, MailKind } from '../../repositories/mail-jobs.ts'
import type { UsersRepository } from '../../repositories/users.ts'
import type { OneTimeLinks } from '../one-time-links.ts'
import { messageOf } from './messages.ts'
import type { MailTransport } from './transport.ts'

export interface DeliveryOptions {
  users: Pick<UsersRepository, 'findByEmail'>
  links: Pick<OneTimeLinks, 'issue' | 'withdraw'>
  transport: Pick<MailTransport, 'send'>
  publicUrl: string
}

export type Delivered = 'sent' | 'nobody' | 'too_many'

/** Does what a mail job promised: finds the user, makes the link, sends. Throws when the mail was not taken over. */
export function createDelivery({ users, links, transport, publicUrl }: DeliveryOptions) {
  return async (job: Pick<MailJob, 'kind' | 'email'>): Promise<Delivered> => {
    const kind = job.kind as MailKind
    const user = await users.findByEmail(job.email)
    if (!user || (kind === 'verify' && user.email_verified_at)) return 'nobody'
    const linked = kind === 'verify' || kind === 'reset'
    const link = linked ? await links.issue(user.id, kind) : undefined
    if (link === null) return 'too_many'
    try {
      await transport.send(messageOf(kind, { to: user.email, name: user.full_name, publicUrl, link }))
    } catch (error) {
      if (link) await links.withdraw(link)
      throw error
    }
    return 'sent'
  }
}
