import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { SignupRequest } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { CheckField, Field } from '../ui/field.tsx'
import { Form, useForm } from '../ui/form.tsx'
import { LanguageSelect } from '../ui/language-select.tsx'
import { Outcome } from '../ui/outcome.tsx'
import { Page } from '../ui/page.tsx'
import { EmailField } from './email-field.tsx'
import { NewPasswordField } from './new-password-field.tsx'

/** Makes an account. The answer is the same for an address that has one: its owner gets a mail. */
export function SignUp() {
  const { t, i18n, api } = useApp()
  const { query } = useLocation()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [language, setLanguage] = useState(i18n.locale.peek())
  const [accepted, setAccepted] = useState(false)
  const form = useForm()
  const signIn = query.to === undefined ? '/sign-in' : `/sign-in?to=${encodeURIComponent(query.to)}`

  async function signUp() {
    const body: SignupRequest = {
      email: email.trim(),
      password,
      full_name: name,
      speaking_language: language,
      listening_language: language,
      accepted_terms: true,
    }
    await api.call('POST /auth/signup', { body })
  }

  if (form.done)
    return (
      <Page title={t('signUp.done')}>
        <Outcome text={t('signUp.mailSent', { email: email.trim() })}>
          <p>{t('signUp.next')}</p>
          <p class="actions">
            <a class="button" href={signIn}>
              {t('nav.signIn')}
            </a>
            <a class="button quiet" href="/verify-email">
              {t('verify.resend')}
            </a>
          </p>
        </Outcome>
      </Page>
    )

  return (
    <Page title={t('signUp.title')}>
      <Form form={form} action={t('signUp.action')} onSubmit={signUp}>
        <Field
          label={t('account.name')}
          hint={t('account.nameHint')}
          name="full_name"
          autocomplete="name"
          required
          maxLength={100}
          value={name}
          error={form.errors.full_name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <EmailField value={email} onValue={setEmail} error={form.errors.email} />
        <NewPasswordField
          name="password"
          label={t('account.password')}
          value={password}
          onValue={setPassword}
          error={form.errors.password}
        />
        <LanguageSelect
          label={t('signUp.language')}
          hint={t('signUp.languageHint')}
          value={language}
          onValue={setLanguage}
        />
        <CheckField
          label={t('signUp.terms')}
          name="accepted_terms"
          required
          checked={accepted}
          error={form.errors.accepted_terms}
          onChange={(event) => setAccepted(event.currentTarget.checked)}
        />
      </Form>
      <p>
        {t('signUp.already')} <a href={signIn}>{t('nav.signIn')}</a>
      </p>
    </Page>
  )
}
