import { useState } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { CodeField } from '../code-field.tsx'
import { PasswordField } from '../password-field.tsx'
import { useWrongPassword } from './wrong-password.ts'

/** Turns one-time passwords off. */
export function TotpEnd({ onOff }: { onOff(): void }) {
  const { t, session } = useApp()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const form = useForm(useWrongPassword('password'))

  async function turnOff() {
    await session.call('POST /auth/totp/disable', { body: { password, code: code.trim() } })
    onOff()
  }

  return (
    <>
      <p>{t('totp.isOn')}</p>
      <Form form={form} danger action={t('totp.turnOff')} onSubmit={turnOff}>
        <PasswordField value={password} onValue={setPassword} error={form.errors.password} />
        <CodeField name="code" value={code} onValue={setCode} error={form.errors.code} />
      </Form>
    </>
  )
}
