import { useState } from 'preact/hooks'
import type { NewPoll } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { useMeeting } from '../meeting/meeting-context.ts'
import { CheckField, Field, SelectField } from '../ui/field.tsx'
import { Form, useForm } from '../ui/form.tsx'

const MIN_OPTIONS = 2
const MAX_OPTIONS = 10
const RESULTS = ['live', 'on_close', 'hosts'] as const

/** A question with its answers, asked now or kept for later. */
export function NewPollForm({ onDone }: { onDone(): void }) {
  const { t } = useApp()
  const { model } = useMeeting()
  const [question, setQuestion] = useState('')
  const [options, setOptions] = useState<readonly string[]>(['', ''])
  const [multiple, setMultiple] = useState(false)
  const [anonymous, setAnonymous] = useState(false)
  const [changeable, setChangeable] = useState(true)
  const [results, setResults] = useState<NewPoll['results']>('live')
  const [now, setNow] = useState(true)
  const form = useForm((error) =>
    error.fields.options === undefined ? null : { [`option-${MIN_OPTIONS - 1}`]: t('polls.different') },
  )

  async function ask(): Promise<void> {
    const given = options.map((option) => option.trim()).filter((option) => option !== '')
    const choice = { multiple, anonymous, changeable: changeable && !anonymous, results: results ?? 'live' }
    await model.polls.ask({ question: question.trim(), options: given, ...choice }, now)
    onDone()
  }

  return (
    <Form form={form} onSubmit={ask} action={now ? t('polls.askNow') : t('polls.keep')}>
      <Field
        label={t('polls.question')}
        name="question"
        required
        maxLength={300}
        dir="auto"
        value={question}
        onInput={(event) => setQuestion(event.currentTarget.value)}
      />
      {options.map((option, index) => (
        <Field
          key={index}
          label={t('polls.option', { number: index + 1 })}
          name={`option-${index}`}
          required={index < MIN_OPTIONS}
          maxLength={120}
          dir="auto"
          value={option}
          onInput={(event) => setOptions(options.with(index, event.currentTarget.value))}
        />
      ))}
      {options.length < MAX_OPTIONS && (
        <button type="button" class="button quiet" onClick={() => setOptions([...options, ''])}>
          {t('polls.addOption')}
        </button>
      )}
      <CheckField
        label={t('polls.multiple')}
        checked={multiple}
        onChange={(event) => setMultiple(event.currentTarget.checked)}
      />
      <CheckField
        label={t('polls.anonymous')}
        checked={anonymous}
        onChange={(event) => setAnonymous(event.currentTarget.checked)}
      />
      {!anonymous && (
        <CheckField
          label={t('polls.changeable')}
          checked={changeable}
          onChange={(event) => setChangeable(event.currentTarget.checked)}
        />
      )}
      <SelectField
        label={t('polls.results')}
        value={results}
        onChange={(event) => setResults(event.currentTarget.value as NewPoll['results'])}
      >
        {RESULTS.map((each) => (
          <option key={each} value={each}>
            {t(`polls.results.${each}`)}
          </option>
        ))}
      </SelectField>
      <CheckField label={t('polls.askNow')} checked={now} onChange={(event) => setNow(event.currentTarget.checked)} />
    </Form>
  )
}
