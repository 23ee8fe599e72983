import { useState } from 'preact/hooks'
import { FluentMeetError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import { Form, useForm } from '../ui/form.tsx'
import { Outcome } from '../ui/outcome.tsx'
import { Page } from '../ui/page.tsx'
import { useHashToken } from './hash-token.ts'
import { NewPasswordField } from './new-password-field.tsx'

/** A new password with the link from a mail. */
export function ResetPassword() {
  const { t, session, api } = useApp()
  const token = useHashToken()
  const [password, setPassword] = useState('')
  const form = useForm((error) => (error.fields.token ? t('link.useless') : null))
  const isUseless = token === null || (form.failure instanceof FluentMeetError && 'token' in form.failure.fields)

  async function reset() {
    await api.call('POST /auth/reset-password', { body: { token: token ?? '', new_password: password } })
    // Every session of the account has ended: perhaps the one of this page.
    if (session.user.value) await session.resume()
  }

  return (
    <Page title={t('reset.title')}>
      {form.done ? (
        <Outcome text={t('reset.done')}>
          <p>
            <a href="/sign-in">{t('nav.signIn')}</a>
          </p>
        </Outcome>
      ) : (
        <>
          {token === null ? (
            <p>{t('reset.openLink')}</p>
          ) : (
            <Form form={form} action={t('reset.action')} onSubmit={reset}>
              <NewPasswordField
                name="new_password"
                label={t('password.new')}
                value={password}
                onValue={setPassword}
                error={form.errors.new_password}
              />
            </Form>
          )}
          {isUseless && (
            <p>
              <a href="/forgot-password">{t('reset.again')}</a>
            </p>
          )}
        </>
      )}
    </Page>
  )
}
