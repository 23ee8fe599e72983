import { useApp } from '../app-context.ts'
import { Field } from '../ui/field.tsx'
import { MAX_PASSWORD_LENGTH } from './password-rule.ts'

export interface PasswordFieldProps {
  name?: string
  label?: string
  value: string
  onValue(value: string): void
  error: string | undefined
}

/** The password that somebody has. */
export function PasswordField({ name = 'password', label, value, onValue, error }: PasswordFieldProps) {
  const { t } = useApp()
  return (
    <Field
      label={label ?? t('account.password')}
      name={name}
      type="password"
      autocomplete="current-password"
      required
      maxLength={MAX_PASSWORD_LENGTH}
      value={value}
      error={error}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  )
}
