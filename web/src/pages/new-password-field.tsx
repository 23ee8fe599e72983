import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { CheckField, Field } from '../ui/field.tsx'
import { MIN_PASSWORD_LENGTH } from './password-rule.ts'

export interface NewPasswordFieldProps {
  name: string
  label: string
  value: string
  onValue(value: string): void
  error: string | undefined
}

/** A password to be chosen: it can be looked at instead of being typed twice. */
export function NewPasswordField({ onValue, ...field }: NewPasswordFieldProps) {
  const { t } = useApp()
  const [shown, setShown] = useState(false)
  return (
    <>
      <Field
        {...field}
        {...(shown ? ({ type: 'text' } as const) : ({ type: 'password' } as const))}
        autocomplete="new-password"
        spellcheck={false}
        required
        minLength={MIN_PASSWORD_LENGTH}
        hint={t('password.hint', { count: MIN_PASSWORD_LENGTH })}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      <CheckField
        label={t('password.show')}
        checked={shown}
        onChange={(event) => setShown(event.currentTarget.checked)}
      />
    </>
  )
}
