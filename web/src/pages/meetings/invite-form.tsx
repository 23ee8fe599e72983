import { useState } from 'preact/hooks'
import type { Invited } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { TextAreaField } from '../../ui/field.tsx'
import { Form, useForm } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { addressesIn } from './addresses.ts'

const MOST = 20

/** Invites people by mail, and says who gets one. */
export function InviteForm({ code }: { code: string }) {
  const { t, i18n, session } = useApp()
  const [text, setText] = useState('')
  const [invited, setInvited] = useState<Invited | null>(null)
  const form = useForm()
  const addresses = addressesIn(text)

  async function invite() {
    setInvited(null)
    const call = { params: { room_code: code }, body: { emails: addresses } }
    const answer = await session.call('POST /meetings/{room_code}/invite', call)
    setInvited(answer)
    // Those that failed stay, for another day.
    setText(answer.failed.join('\n'))
  }

  /** The server says which of them is wrong by its place: `emails.2`. */
  function problem(): string | undefined {
    if (form.errors.emails !== undefined) return addresses.length > MOST ? t('invite.tooMany') : t('field.required')
    const [field] = Object.keys(form.errors)
    const address = field?.startsWith('emails.') ? addresses[Number(field.slice('emails.'.length))] : undefined
    return address === undefined ? undefined : t('invite.wrong', { address })
  }

  const list = new Intl.ListFormat(i18n.locale.value)
  return (
    <Form form={form} onSubmit={invite} action={t('invite.action')}>
      <TextAreaField
        label={t('invite.addresses')}
        hint={t('invite.hint')}
        rows={4}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        error={problem()}
      />
      <Notice kind="good">
        {invited !== null && invited.sent.length > 0 && t('invite.sent', { addresses: list.format(invited.sent) })}
      </Notice>
      <Notice kind="bad">
        {invited !== null &&
          invited.failed.length > 0 &&
          t('invite.failed', { addresses: list.format(invited.failed) })}
      </Notice>
    </Form>
  )
}
