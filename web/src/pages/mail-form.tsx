import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { Form, useForm } from '../ui/form.tsx'
import { EmailField } from './email-field.tsx'

export interface MailFormProps {
  call: 'POST /auth/resend-verification' | 'POST /auth/forgot-password'
  /** The text of the button. */
  action: string
}

/** Asks for a mail. The server tells nobody whether there is such an account, and neither does this. */
export function MailForm({ call, action }: MailFormProps) {
  const { t, api } = useApp()
  const [email, setEmail] = useState('')
  const form = useForm()
  return (
    <Form
      form={form}
      action={action}
      done={t('mail.promised')}
      onSubmit={async () => {
        await api.call(call, { body: { email: email.trim() } })
      }}
    >
      <EmailField value={email} onValue={setEmail} error={form.errors.email} />
    </Form>
  )
}
