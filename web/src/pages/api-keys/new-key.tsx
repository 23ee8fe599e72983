import { useState } from 'preact/hooks'
import type { FluentMeetError } from '../../api/client.ts'
import type { MadeApiKey, NewApiKey } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Field, SelectField, TextAreaField } from '../../ui/field.tsx'
import { fieldText } from '../../ui/field-text.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { ScopeFields } from './scope-fields.tsx'

const DAYS = [7, 30, 90, 180, 365]
const USUAL_DAYS = 90

/** Makes a key. */
export function NewKeyForm({ onMade }: { onMade(key: MadeApiKey): void }) {
  const { t, i18n, session } = useApp()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<NewApiKey['scopes']>([])
  const [days, setDays] = useState(USUAL_DAYS)
  const [networks, setNetworks] = useState('')
  const lines = networks.split(/[\s,]+/).filter((line) => line !== '')
  const form = useForm(explain)

  function explain({ code, fields }: FluentMeetError) {
    if (code === 'CONFLICT') return t('keys.tooMany')
    if (code !== 'VALIDATION_ERROR') return null
    return Object.fromEntries(Object.entries(fields).map(([field, message]) => wordsFor(field, message)))
  }
  function wordsFor(field: string, message: string): [string, string] {
    const [own = '', index] = field.split('.')
    if (own === 'scopes') return [own, t('keys.scopesWanted')]
    if (own !== 'allowed_networks') return [own, fieldText(i18n, message)]
    const wrong = index === undefined ? undefined : lines[Number(index)]
    return [own, wrong === undefined ? t('keys.networksMany') : t('keys.networkWrong', { network: wrong })]
  }

  async function make() {
    const body: NewApiKey = { name: name.trim(), scopes, expires_in_days: days, allowed_networks: lines }
    onMade(await session.call('POST /api-keys', { body }))
  }

  return (
    <Form form={form} onSubmit={make} action={t('keys.make')}>
      <Field
        label={t('keys.name')}
        hint={t('keys.nameHint')}
        name="name"
        autocomplete="off"
        required
        maxLength={100}
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <ScopeFields scopes={scopes} onScopes={setScopes} error={form.errors.scopes} />
      <SelectField
        label={t('keys.expires')}
        name="expires_in_days"
        value={days}
        onChange={(event) => setDays(Number(event.currentTarget.value))}
      >
        {DAYS.map((each) => (
          <option key={each} value={each}>
            {t('keys.days', { days: each })}
          </option>
        ))}
      </SelectField>
      <TextAreaField
        label={t('keys.networks')}
        hint={t('keys.networksHint')}
        name="allowed_networks"
        rows={3}
        spellcheck={false}
        value={networks}
        onInput={(event) => setNetworks(event.currentTarget.value)}
      />
    </Form>
  )
}
