import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { CheckField } from '../../ui/field.tsx'
import { Form, useForm } from '../../ui/form.tsx'
import { CodeField } from '../code-field.tsx'
import { PasswordField } from '../password-field.tsx'
import { useWrongPassword } from './wrong-password.ts'

/** Password, code where there is one, and a yes. */
export function DeletionForm({ user }: { user: User }) {
  const { t, session } = useApp()
  const { route } = useLocation()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isSure, setSure] = useState(false)
  const form = useForm(useWrongPassword('password'))

  async function erase() {
    const body = { password, ...(user.totp_enabled ? { totp: code.trim() } : {}) }
    await session.call('DELETE /users/me', { body })
    session.forget()
    route('/sign-in?after=deletion', true)
  }

  return (
    <Form form={form} danger action={t('delete.action')} onSubmit={erase}>
      <p>{t('delete.lead')}</p>
      <PasswordField value={password} onValue={setPassword} error={form.errors.password} />
      {user.totp_enabled && <CodeField name="totp" value={code} onValue={setCode} error={form.errors.totp} />}
      <CheckField
        label={t('delete.sure')}
        name="sure"
        required
        checked={isSure}
        error={form.errors.sure}
        onChange={(event) => setSure(event.currentTarget.checked)}
      />
    </Form>
  )
}
