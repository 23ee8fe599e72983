import { useApp } from '../app-context.ts'
import { Field } from '../ui/field.tsx'

/** An address, which is what users are known by. */
export function EmailField(props: { value: string; onValue(value: string): void; error: string | undefined }) {
  const { t } = useApp()
  return (
    <Field
      label={t('account.email')}
      name="email"
      type="email"
      autocomplete="username"
      required
      maxLength={254}
      value={props.value}
      error={props.error}
      onInput={(event) => props.onValue(event.currentTarget.value)}
    />
  )
}
