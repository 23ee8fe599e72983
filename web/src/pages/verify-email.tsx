import { useEffect, useRef } from 'preact/hooks'
import { FluentMeetError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import { useForm } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Outcome } from '../ui/outcome.tsx'
import { Page } from '../ui/page.tsx'
import { useHashToken } from './hash-token.ts'
import { MailForm } from './mail-form.tsx'

/** Proves an address with the link from a mail, or sends another one. */
export function VerifyEmail() {
  const { t, session, api } = useApp()
  const user = session.user.value
  const token = useHashToken()
  const form = useForm((error) => (error.fields.token ? t('link.useless') : null))
  const isRunning = token !== null && form.failure === null
  const isUseless = form.failure instanceof FluentMeetError && 'token' in form.failure.fields

  const verify = () =>
    form.run(async () => {
      if (token !== null) await api.call('POST /auth/verify-email', { body: { token } })
      if (session.user.value) await session.resume()
    })
  const latest = useRef(verify)
  latest.current = verify
  useEffect(() => {
    if (token !== null) void latest.current()
  }, [token])

  if (form.done)
    return (
      <Page title={t('verify.title')}>
        <Outcome text={t('verify.done')}>
          <p>
            <a href={user ? '/meetings' : '/sign-in'}>{t(user ? 'nav.meetings' : 'nav.signIn')}</a>
          </p>
        </Outcome>
      </Page>
    )

  return (
    <Page title={t('verify.title')}>
      <Notice>{isRunning && t('verify.busy')}</Notice>
      <Notice kind="bad">{form.error}</Notice>
      {form.failure !== null && !isUseless && (
        <p>
          <button type="button" class="button" onClick={verify}>
            {t('action.retry')}
          </button>
        </p>
      )}
      {!isRunning && (
        <>
          <p>{t('verify.lead')}</p>
          <MailForm call="POST /auth/resend-verification" action={t('verify.resend')} />
        </>
      )}
    </Page>
  )
}
