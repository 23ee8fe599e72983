import type { AccountMailKind } from '../../repositories/mail-jobs.ts'
import type { OneTimeLink } from '../one-time-links.ts'

export interface Message {
  to: string
  subject: string
  text: string
  /** An iCalendar file that goes along. */
  calendar?: string
}

export interface MessageContext {
  to: string
  name: string
  publicUrl: string
  link?: OneTimeLink | undefined
}

/** The mail of a kind to the owner of an account. Nothing that a user chose is in a header except the address. */
export function messageOf(kind: AccountMailKind, { to, name, publicUrl, link }: MessageContext): Message {
  const compose = (subject: string, ...paragraphs: string[]) => ({
    to,
    subject,
    text: [`Hello ${name},`, ...paragraphs, `FluentMeet, ${publicUrl}`].join('\n\n'),
  })
  const linkLines = link ? [link.url, `Or enter this code by hand:\n\nToken: ${link.token}`] : []

  switch (kind) {
    case 'verify':
      return compose(
        'Verify your e-mail address',
        'Open this link within 24 hours to verify your address:',
        ...linkLines,
        'If you did not sign up, ignore this mail.',
      )
    case 'reset':
      return compose(
        'Reset your password',
        'Open this link within 10 minutes to choose a new password:',
        ...linkLines,
        'If you did not ask for this, ignore this mail: your password stays as it is.',
      )
    case 'address_taken':
      if (link)
        return compose(
          'Choose your password',
          'Somebody signed up with this address, which has an account that was never verified. Nothing was changed.',
          'If it was you, open this link within 10 minutes to choose the password of the account; any other stops working:',
          ...linkLines,
          'If it was not you, ignore this mail.',
        )
      return compose(
        'You already have an account',
        'Somebody tried to sign up with this address, which already has an account. Nothing was changed.',
        'If it was you, sign in, or ask for a new password if you forgot yours.',
      )
    case 'password_changed':
      return compose(
        'Your password was changed',
        'The password of your account was changed, and other devices were signed out.',
        'If it was not you, ask for a new password at once.',
      )
    case 'totp_enabled':
      return compose(
        'One-time passwords are on',
        'From now on, signing in to your account asks for a code of your authenticator app too. Keep the recovery codes in a safe place.',
        'If it was not you, ask for a new password at once, and write to whoever runs this server.',
      )
    case 'totp_disabled':
      return compose(
        'One-time passwords are off',
        'Signing in to your account no longer asks for a code of an authenticator app.',
        'If it was not you, ask for a new password at once.',
      )
  }
}
