import { useState } from 'preact/hooks'
import { FluentMeetError } from '../../api/client.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { EmailField } from '../email-field.tsx'
import { PasswordField } from '../password-field.tsx'

export interface Credentials {
  email: string
  password: string
}

export interface PasswordStepProps {
  /** The password is right, and the account asks for a code too. */
  onCodeWanted(credentials: Credentials): void
  to: string | undefined
}

/** Address and password. */
export function PasswordStep({ onCodeWanted, to }: PasswordStepProps) {
  const { t, session } = useApp()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const form = useForm()
  const isUnverified = form.failure instanceof FluentMeetError && form.failure.code === 'EMAIL_NOT_VERIFIED'

  async function signIn() {
    const credentials = { email: email.trim(), password }
    try {
      await session.signIn(credentials)
    } catch (error) {
      const wantsCode =
        error instanceof FluentMeetError && error.code === 'INVALID_CREDENTIALS' && 'totp' in error.fields
      if (!wantsCode) throw error
      onCodeWanted(credentials)
    }
  }

  return (
    <>
      <Form form={form} action={t('nav.signIn')} onSubmit={signIn}>
        <EmailField value={email} onValue={setEmail} error={form.errors.email} />
        <PasswordField value={password} onValue={setPassword} error={form.errors.password} />
      </Form>
      {isUnverified && (
        <p>
          <a href="/verify-email">{t('verify.resend')}</a>
        </p>
      )}
      <p>
        <a href="/forgot-password">{t('signIn.forgot')}</a>
      </p>
      <p>
        {t('signIn.none')}{' '}
        <a href={to === undefined ? '/sign-up' : `/sign-up?to=${encodeURIComponent(to)}`}>{t('nav.signUp')}</a>
      </p>
    </>
  )
}
