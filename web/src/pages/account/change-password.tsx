import { useState } from 'preact/hooks'
import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { CodeField } from '../code-field.tsx'
import { NewPasswordField } from '../new-password-field.tsx'
import { PasswordField } from '../password-field.tsx'
import { Section } from './section.tsx'
import { useWrongPassword } from './wrong-password.ts'

/** A new password for who knows the old one; the other sessions end. */
export function ChangePassword({ user, onChanged }: { user: User; onChanged(): void }) {
  const { t, session } = useApp()
  const [current, setCurrent] = useState('')
  const [wanted, setWanted] = useState('')
  const [code, setCode] = useState('')
  const form = useForm(useWrongPassword('current_password'))

  async function change() {
    const factor = user.totp_enabled ? { totp: code.trim() } : {}
    const body = { current_password: current, new_password: wanted, ...factor }
    await session.call('POST /auth/change-password', { body })
    for (const clear of [setCurrent, setWanted, setCode]) clear('')
    onChanged()
  }

  return (
    <Section title={t('change.title')}>
      <Form form={form} action={t('change.action')} done={t('change.done')} onSubmit={change}>
        {/* Password managers want to know whose it is. */}
        <input type="text" autocomplete="username" value={user.email} readOnly hidden />
        <PasswordField
          name="current_password"
          label={t('change.current')}
          value={current}
          onValue={setCurrent}
          error={form.errors.current_password}
        />
        <NewPasswordField
          name="new_password"
          label={t('password.new')}
          value={wanted}
          onValue={setWanted}
          error={form.errors.new_password}
        />
        {user.totp_enabled && <CodeField name="totp" value={code} onValue={setCode} error={form.errors.totp} />}
      </Form>
    </Section>
  )
}
