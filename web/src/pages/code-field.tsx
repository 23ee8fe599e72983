import type { Ref } from 'preact'
import { useApp } from '../app-context.ts'
import { Field } from '../ui/field.tsx'

export interface CodeFieldProps {
  name: string
  value: string
  onValue(value: string): void
  error: string | undefined
  /** Only a code of the app will do. */
  appOnly?: boolean
  inputRef?: Ref<HTMLInputElement>
}

/** The second factor. */
export function CodeField({ name, value, onValue, error, appOnly = false, inputRef }: CodeFieldProps) {
  const { t } = useApp()
  return (
    <Field
      {...(inputRef ? { ref: inputRef } : {})}
      label={t(appOnly ? 'code.ofApp' : 'code.label')}
      hint={appOnly ? undefined : t('code.hint')}
      name={name}
      autocomplete="one-time-code"
      autocapitalize="none"
      spellcheck={false}
      {...(appOnly ? { inputMode: 'numeric', maxLength: 16 } : { maxLength: 64 })}
      required
      value={value}
      error={error}
      onInput={(event) => onValue(event.currentTarget.value)}
    />
  )
}
