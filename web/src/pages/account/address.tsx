import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'

/** The address, and whether it is proved to be one's own. */
export function Address({ user }: { user: User }) {
  const { t, api } = useApp()
  const form = useForm()
  return (
    <>
      <p>
        <strong>{user.email}</strong> ({t(user.email_verified ? 'profile.confirmed' : 'profile.unconfirmed')})
      </p>
      {!user.email_verified && (
        <Form
          form={form}
          quiet
          action={t('verify.resend')}
          done={t('mail.promised')}
          onSubmit={async () => {
            await api.call('POST /auth/resend-verification', { body: { email: user.email } })
          }}
        />
      )}
    </>
  )
}
