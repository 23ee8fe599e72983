import { useState } from 'preact/hooks'
import type { TotpSetup } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { CodeField } from '../code-field.tsx'
import { QrCode } from './qr-code.tsx'

export interface TotpConfirmationProps {
  setup: TotpSetup
  onCodes(codes: readonly string[]): void
  onCancel(): void
}

/** The secret, to be scanned or typed, and the first code that the app makes of it. */
export function TotpConfirmation({ setup, onCodes, onCancel }: TotpConfirmationProps) {
  const { t, session } = useApp()
  const [code, setCode] = useState('')
  const form = useForm()

  async function confirm() {
    const body = { code: code.trim() }
    onCodes((await session.call('POST /auth/totp/confirm', { body })).recovery_codes)
  }

  return (
    <>
      <p>{t('totp.scan')}</p>
      <QrCode text={setup.otpauth_url} label={t('totp.qr')} />
      <p>
        {t('totp.type')} <code class="secret">{setup.secret.replaceAll(/.{4}(?=.)/g, '$& ')}</code>
      </p>
      <Form form={form} action={t('totp.confirm')} onSubmit={confirm}>
        <CodeField name="code" appOnly value={code} onValue={setCode} error={form.errors.code} />
      </Form>
      <p>
        <button type="button" class="link" onClick={onCancel}>
          {t('action.cancel')}
        </button>
      </p>
    </>
  )
}
