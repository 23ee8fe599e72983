import { useState } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import { Field, SelectField } from '../../ui/field.tsx'
import { Form, type FormState } from '../../ui/form.tsx'
import { ACTIONS } from './actions.ts'
import type { Search } from './search.ts'

const OUTCOMES = ['success', 'failure', 'refused'] as const

export interface FiltersProps {
  search: Search
  form: FormState
  /** Fields that only admins may search by. */
  isAdmin: boolean
  onSearch(search: Search): Promise<void>
}

/** What of the trail to show. */
export function Filters({ search, form, isAdmin, onSearch }: FiltersProps) {
  const { t } = useApp()
  const [draft, setDraft] = useState(search)
  const field = (name: keyof Search) => ({
    name,
    value: draft[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setDraft((last) => ({ ...last, [name]: value }))
    },
  })
  return (
    <Form form={form} onSubmit={() => onSearch(draft)} action={t('audit.find')} quiet>
      <div class="audit-filters">
        <SelectField label={t('audit.action')} {...field('action')}>
          <option value="">{t('audit.any')}</option>
          {ACTIONS.map((action) => (
            <option key={action} value={action}>
              {t(`audit.action.${action}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('audit.outcome')} {...field('outcome')}>
          <option value="">{t('audit.any')}</option>
          {OUTCOMES.map((outcome) => (
            <option key={outcome} value={outcome}>
              {t(`audit.outcome.${outcome}`)}
            </option>
          ))}
        </SelectField>
        <Field label={t('audit.from')} type="datetime-local" {...field('from')} />
        <Field label={t('audit.to')} type="datetime-local" {...field('to')} />
        <Field label={t('audit.actor')} hint={t('audit.actorHint')} maxLength={64} {...field('actor_id')} />
        <Field label={t('audit.subject')} hint={t('audit.subjectHint')} maxLength={64} {...field('subject')} />
        {isAdmin && <Field label={t('audit.room')} maxLength={26} {...field('room_code')} />}
        {isAdmin && <Field label={t('audit.address')} maxLength={45} {...field('address')} />}
      </div>
    </Form>
  )
}
