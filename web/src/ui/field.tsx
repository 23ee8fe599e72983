import type { ComponentChildren, InputHTMLAttributes, SelectHTMLAttributes, TextareaHTMLAttributes } from 'preact'
import { useId } from 'preact/hooks'

interface Shown {
  label: string
  /** What is wrong with it, in words. */
  error?: string | undefined
  hint?: string | undefined
}

/** A labelled input; what is wrong stands beside it and is read with it. */
export function Field({ label, error, hint, ...input }: Shown & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <Labelled {...{ label, error, hint }}>
      {(ids) => <input {...input} id={ids.input} aria-describedby={ids.described} aria-invalid={error !== undefined} />}
    </Labelled>
  )
}

export function SelectField({
  label,
  error,
  hint,
  children,
  ...select
}: Shown & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <Labelled {...{ label, error, hint }}>
      {(ids) => (
        <select {...select} id={ids.input} aria-describedby={ids.described} aria-invalid={error !== undefined}>
          {children}
        </select>
      )}
    </Labelled>
  )
}

export function TextAreaField({ label, error, hint, ...area }: Shown & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Labelled {...{ label, error, hint }}>
      {(ids) => (
        <textarea {...area} id={ids.input} aria-describedby={ids.described} aria-invalid={error !== undefined} />
      )}
    </Labelled>
  )
}

export function CheckField({
  label,
  error,
  ...input
}: Shown & Omit<InputHTMLAttributes<HTMLInputElement>, 'role' | 'type'>) {
  const id = useId()
  return (
    <div class="field check">
      <input {...input} type="checkbox" id={id} aria-describedby={`${id}-error`} aria-invalid={error !== undefined} />
      <label for={id}>{label}</label>
      <p class="field-error" id={`${id}-error`}>
        {error}
      </p>
    </div>
  )
}

interface Ids {
  input: string
  described: string
}

function Labelled({ label, error, hint, children }: Shown & { children: (ids: Ids) => ComponentChildren }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ input: id, described: `${id}-hint ${id}-error` })}
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
      <p class="field-error" id={`${id}-error`}>
        {error}
      </p>
    </div>
  )
}
