import { useState } from 'preact/hooks'
import type { Room } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { CheckField, Field, SelectField } from '../../ui/field.tsx'
import { Form, useForm } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { type Draft, draftOf, SWITCHES, settingsOf, WORDS } from './settings-draft.ts'

/** The settings of an open meeting, for its hosts. */
export function SettingsForm({ room, onSaved }: { room: Room; onSaved(room: Room): void }) {
  const { t, session } = useApp()
  const [draft, setDraft] = useState<Draft>(() => draftOf(room.settings))
  const [saved, setSaved] = useState(false)
  const form = useForm()

  function change(part: Partial<Draft>) {
    setDraft((last) => ({ ...last, ...part }))
    setSaved(false)
  }

  async function save() {
    setSaved(false)
    const { room_code } = room
    const body = settingsOf(draft, room.settings)
    onSaved(await session.call('PATCH /meetings/{room_code}/config', { params: { room_code }, body }))
    setSaved(true)
  }

  return (
    <Form form={form} onSubmit={save} action={t('action.save')}>
      {SWITCHES.map((name) => (
        <CheckField
          key={name}
          label={t(`settings.${name}`)}
          checked={draft[name]}
          onChange={(event) => change({ [name]: event.currentTarget.checked })}
          error={form.errors[name]}
        />
      ))}
      {(['max_participants', 'retention_days'] as const).map((name) => (
        <Field
          key={name}
          label={t(`settings.${name}`)}
          hint={t(`settings.${name}Hint`)}
          type="number"
          inputMode="numeric"
          value={draft[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
          error={form.errors[name]}
        />
      ))}
      <SelectField
        label={t('settings.deleted_words')}
        value={draft.deleted_words}
        onChange={(event) => change({ deleted_words: event.currentTarget.value as Draft['deleted_words'] })}
        error={form.errors.deleted_words}
      >
        {WORDS.map((words) => (
          <option key={words} value={words}>
            {t(`settings.deleted_words.${words}`)}
          </option>
        ))}
      </SelectField>
      <Notice kind="good">{saved && t('action.saved')}</Notice>
    </Form>
  )
}
