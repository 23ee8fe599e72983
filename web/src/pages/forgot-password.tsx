import { useApp } from '../app-context.ts'
import { Page } from '../ui/page.tsx'
import { MailForm } from './mail-form.tsx'

/** Asks for the link to choose a new password with. */
export function ForgotPassword() {
  const { t } = useApp()
  return (
    <Page title={t('forgot.title')}>
      <p>{t('forgot.lead')}</p>
      <MailForm call="POST /auth/forgot-password" action={t('forgot.action')} />
      <p>
        <a href="/sign-in">{t('nav.signIn')}</a>
      </p>
    </Page>
  )
}
