import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { FluentMeetError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import type { I18n } from '../i18n/i18n.ts'
import { FieldErrors } from './field.tsx'
import { fieldText } from './field-text.ts'
import { Notice } from './notice.tsx'
import { invalidFields } from './validity.ts'

/** What a failed call means, in words. */
export function errorText({ t, has }: Pick<I18n, 't' | 'has'>, error: unknown): string {
  if (!(error instanceof FluentMeetError)) return t('error.other')
  if (error.code === 'RATE_LIMIT_EXCEEDED' && error.retryAfter > 0)
    return t('error.rateLimitIn', { seconds: error.retryAfter })
  const key = `error.${error.code}`
  return has(key) ? t(key) : t('error.other')
}

export interface FormState {
  busy: boolean
  /** What is wrong, by the name of the field. */
  errors: Readonly<Record<string, string>>
  /** Of the form as a whole. */
  error: string | null
  /** What the last run threw; null when nothing did. */
  failure: unknown
  /** Whether the last run went well. */
  done: boolean
  /** Runs the action: one at a time, and what it throws becomes words. Resolves to whether it went well. */
  run(action: () => Promise<void>): Promise<boolean>
}

/** Other words for an error: of the whole form, or by field. Null: the usual ones. */
export type Explain = (error: FluentMeetError) => string | Readonly<Record<string, string>> | null

/** The state of a form whose action is a call. */
export function useForm(explain: Explain = () => null): FormState {
  const { i18n } = useApp()
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const [done, setDone] = useState(false)
  const running = useRef(false)
  const own = failure instanceof FluentMeetError ? explain(failure) : null
  const fields = failure instanceof FluentMeetError ? Object.entries(failure.fields) : []
  const errors = Object.fromEntries(fields.map(([field, message]) => [field, fieldText(i18n, message)]))
  const general = failure === null || saidByField(failure) ? null : errorText(i18n, failure)
  return {
    busy,
    failure,
    done,
    ...(own !== null && typeof own === 'object' ? { errors: own, error: null } : { errors, error: own ?? general }),
    async run(action) {
      if (running.current) return false
      running.current = true
      setBusy(true)
      setFailure(null)
      setDone(false)
      try {
        await action()
        setDone(true)
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

/** A second factor that is missing or wrong: there is nothing to say of the rest. */
function saidByField(failure: unknown): boolean {
  return (
    failure instanceof FluentMeetError &&
    failure.code === 'INVALID_CREDENTIALS' &&
    Object.keys(failure.fields).length > 0
  )
}

export interface FormProps {
  form: FormState
  onSubmit(): Promise<void>
  /** The text of the button. */
  action: string
  danger?: boolean
  quiet?: boolean
  /** What to say when it went well. */
  done?: string
  children?: ComponentChildren
}

/** A form with what went wrong above its button; the focus goes to the first field that is wrong. */
export function Form({ form, onSubmit, action, danger, quiet, done, children }: FormProps) {
  const element = useRef<HTMLFormElement>(null)
  useLayoutEffect(() => {
    if (form.failure !== null) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [form.failure])

  function check(): void {
    const details = element.current ? invalidFields(element.current) : []
    if (details.length > 0) throw new FluentMeetError(400, { code: 'VALIDATION_ERROR', details })
  }

  return (
    <form
      class="form"
      ref={element}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void form.run(async () => {
          check()
          await onSubmit()
        })
      }}
    >
      <FieldErrors.Provider value={form.errors}>{children}</FieldErrors.Provider>
      <Notice kind="bad">{form.error}</Notice>
      <Notice kind="good">{form.done && done}</Notice>
      {/* Not disabled while it runs: it would lose the focus. */}
      <button
        type="submit"
        class={`button${danger ? ' danger' : ''}${quiet ? ' quiet' : ''}`}
        aria-disabled={form.busy}
        aria-busy={form.busy}
      >
        {action}
      </button>
    </form>
  )
}
