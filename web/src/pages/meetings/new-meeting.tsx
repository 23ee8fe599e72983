import { useState } from 'preact/hooks'
import type { NewMeeting, Room } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Field } from '../../ui/field.tsx'
import { Form, useForm } from '../../ui/form.tsx'

/** Makes a meeting: now, or for a time. */
export function NewMeetingForm({ onMade }: { onMade(room: Room): void }) {
  const { t, session } = useApp()
  const [name, setName] = useState('')
  const [when, setWhen] = useState('')
  const form = useForm()
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone

  async function make() {
    // The field has no zone: it is the reader's own.
    const time = when === '' ? {} : { scheduled_at: new Date(when).toISOString() }
    const body: NewMeeting = { name: name.trim(), ...time }
    onMade(await session.call('POST /meetings', { body }))
    setName('')
    setWhen('')
  }

  return (
    <Form form={form} onSubmit={make} action={t(when === '' ? 'rooms.start' : 'rooms.schedule')}>
      <Field
        label={t('rooms.name')}
        name="name"
        required
        maxLength={120}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
        error={form.errors.name}
      />
      <Field
        label={t('rooms.when')}
        type="datetime-local"
        name="scheduled_at"
        value={when}
        onInput={(event) => setWhen(event.currentTarget.value)}
        hint={t('rooms.whenHint', { zone })}
        error={form.errors.scheduled_at && t('rooms.whenWrong')}
      />
    </Form>
  )
}
