import { useState } from 'preact/hooks'
import type { ProfileChange, User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Field } from '../../ui/field.tsx'
import { Form, useForm } from '../../ui/form.tsx'
import { LanguageSelect } from '../../ui/language-select.tsx'
import { Address } from './address.tsx'
import { Section } from './section.tsx'

/** Who one is in meetings. */
export function Profile({ user }: { user: User }) {
  const { t, session } = useApp()
  const [name, setName] = useState(user.full_name)
  const [speaking, setSpeaking] = useState(user.speaking_language)
  const [listening, setListening] = useState(user.listening_language)
  const form = useForm()

  async function save() {
    const body: ProfileChange = { full_name: name, speaking_language: speaking, listening_language: listening }
    session.user.value = await session.call('PATCH /users/me', { body })
  }

  return (
    <Section title={t('profile.title')}>
      <Address user={user} />
      <Form form={form} action={t('action.save')} done={t('action.saved')} onSubmit={save}>
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
        <LanguageSelect label={t('profile.speaking')} value={speaking} onValue={setSpeaking} />
        <LanguageSelect label={t('profile.listening')} value={listening} onValue={setListening} />
      </Form>
    </Section>
  )
}
