import { useState } from 'preact/hooks'
import type { TotpSetup } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { PasswordField } from '../password-field.tsx'
import { useWrongPassword } from './wrong-password.ts'

/** Asks for a secret for the authenticator app. Nothing changes before a code confirms it. */
export function TotpStart({ onSetup }: { onSetup(setup: TotpSetup): void }) {
  const { t, session } = useApp()
  const [password, setPassword] = useState('')
  const form = useForm(useWrongPassword('password'))
  return (
    <>
      <p>{t('totp.isOff')}</p>
      <Form
        form={form}
        action={t('totp.setUp')}
        onSubmit={async () => onSetup(await session.call('POST /auth/totp/setup', { body: { password } }))}
      >
        <PasswordField value={password} onValue={setPassword} error={form.errors.password} />
      </Form>
    </>
  )
}
