import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import type { Config } from '../../config.ts'
import type { Message } from './messages.ts'

const TIMEOUT_MS = 10_000
const CALENDAR_TYPE = 'text/calendar; charset=utf-8; method=PUBLISH'

export interface MailTransport {
  /** The sender's bare address. */
  readonly from: string
  /** Resolves when the mail was taken over; throws when it was not. */
  send(message: Message): Promise<void>
  close(): void
}

/** SMTP when there is an `smtpUrl`; otherwise every mail becomes a file in `<dataDir>/outbox`. */
export function createMailTransport(config: Pick<Config, 'smtpUrl' | 'mailFrom' | 'dataDir'>): MailTransport {
  // No part of a message is ever read from a file or fetched.
  const safe = { disableFileAccess: true, disableUrlAccess: true }
  const from = /<([^<>]+)>\s*$/.exec(config.mailFrom)?.[1] ?? config.mailFrom.trim()
  const envelope = ({ to, subject, text, calendar }: Message) => ({
    from: config.mailFrom,
    to: { name: '', address: to },
    subject,
    text,
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments:
      calendar === undefined ? [] : [{ filename: 'meeting.ics', content: calendar, contentType: CALENDAR_TYPE }],
  })

  if (config.smtpUrl) {
    const smtp = nodemailer.createTransport({
      url: config.smtpUrl,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      dnsTimeout: TIMEOUT_MS,
      ...safe,
    })
    return {
      from,
      send: async (message) => {
        await smtp.sendMail(envelope(message))
      },
      close: () => smtp.close(),
    }
  }

  const outbox = join(config.dataDir, 'outbox')
  const composer = nodemailer.createTransport({ streamTransport: true, buffer: true, ...safe })
  return {
    from,
    async send(message) {
      const { message: bytes } = await composer.sendMail(envelope(message))
      await mkdir(outbox, { recursive: true, mode: 0o700 })
      const name = `${new Date().toISOString().replaceAll(':', '-')}-${randomUUID()}.eml`
      await writeFile(join(outbox, name), bytes as Buffer, { flag: 'wx', mode: 0o600 })
    },
    close: () => composer.close(),
  }
}
