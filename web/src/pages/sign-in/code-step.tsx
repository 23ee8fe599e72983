import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { CodeField } from '../code-field.tsx'
import type { Credentials } from './password-step.tsx'

/** The second factor, where an account has one. */
export function CodeStep({ credentials, onBack }: { credentials: Credentials; onBack(): void }) {
  const { t, session } = useApp()
  const [code, setCode] = useState('')
  const form = useForm()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])

  return (
    <>
      <p>{t('signIn.codeWanted', { email: credentials.email })}</p>
      <Form form={form} action={t('nav.signIn')} onSubmit={() => session.signIn({ ...credentials, totp: code.trim() })}>
        <CodeField name="totp" value={code} onValue={setCode} error={form.errors.totp} inputRef={input} />
      </Form>
      <p>
        <button type="button" class="link" onClick={onBack}>
          {t('signIn.other')}
        </button>
      </p>
    </>
  )
}
