import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import type { I18n, MessageKey } from '../i18n/i18n.ts'
import { Notice } from './notice.tsx'

/** What a failed call means, in words. */
export function errorText({ t, has }: Pick<I18n, 't' | 'has'>, error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.other')
  if (error.code === 'RATE_LIMIT_EXCEEDED' && error.retryAfter > 0)
    return t('error.rateLimitIn', { seconds: error.retryAfter })
  const key = `error.${error.code}`
  return has(key) ? t(key) : t('error.other')
}

/** What is wrong with one field. The server's words are for developers: they are told apart, and said in the reader's language. */
function fieldText({ t }: Pick<I18n, 't'>, message: string): string {
  const kinds: [RegExp, MessageKey][] = [
    [/required/, 'field.required'],
    [/format "email"/, 'field.email'],
    [/fewer than 1 char/, 'field.required'],
    [/fewer than/, 'field.tooShort'],
    [/more than/, 'field.tooLong'],
  ]
  const found = kinds.find(([pattern]) => pattern.test(message))
  return t(found?.[1] ?? 'field.invalid')
}

export interface FormState {
  busy: boolean
  /** What is wrong, by the name of the field. */
  errors: Readonly<Record<string, string>>
  /** Of the form as a whole. */
  error: string | null
  /** Runs the action: one at a time, and what it throws becomes words. Resolves to whether it went well. */
  run(action: () => Promise<void>): Promise<boolean>
}

/** The state of a form whose action is a call. `explain` gives other words for some error, or null. */
export function useForm(explain: (error: ApiError) => string | null = () => null): FormState {
  const { i18n } = useApp()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const running = useRef(false)
  const own = failure instanceof ApiError ? explain(failure) : null
  const fields = failure instanceof ApiError ? Object.entries(failure.fields) : []
  return {
    busy,
    errors: Object.fromEntries(fields.map(([field, message]) => [field, fieldText(i18n, message)])),
    error: failure === null ? null : (own ?? errorText(i18n, failure)),
    async run(action) {
      if (running.current) return false
      running.current = true
      setBusy(true)
      setFailure(null)
      try {
        await action()
        return true
      } catch (error) {
        setFailure(error)
        return false
      } finally {
        running.current = false
        setBusy(false)
      }
    },
  }
}

export interface FormProps {
  form: FormState
  onSubmit(): Promise<void>
  /** The text of the button. */
  action: string
  danger?: boolean
  children?: ComponentChildren
}

/** A form with what went wrong above its button. */
export function Form({ form, onSubmit, action, danger, children }: FormProps) {
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void form.run(onSubmit)
      }}
    >
      {children}
      <Notice kind="bad">{form.error}</Notice>
      <button type="submit" class={danger ? 'button danger' : 'button'} disabled={form.busy} aria-busy={form.busy}>
        {action}
      </button>
    </form>
  )
}
