import {
  type ComponentChildren,
  createContext,
  type InputHTMLAttributes,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from 'preact'
import { useContext, useId } from 'preact/hooks'

/** What is wrong with the fields of the form around, by their names: each shows its own, unless it is given other words. */
export const FieldErrors = createContext<Readonly<Record<string, string>>>({})

function useError(given: string | undefined, name: unknown): string | undefined {
  const errors = useContext(FieldErrors)
  return given ?? (typeof name === 'string' ? errors[name] : undefined)
}

interface Shown {
  label: string
  /** What is wrong with it, in words. */
  error?: string | undefined
  hint?: string | undefined
}

/** A labelled input; what is wrong stands beside it and is read with it. */
export function Field({ label, error: given, hint, ...input }: Shown & InputHTMLAttributes<HTMLInputElement>) {
  const error = useError(given, input.name)
  return (
    <Labelled {...{ label, error, hint }}>
      {(ids) => <input {...input} id={ids.input} aria-describedby={ids.described} aria-invalid={error !== undefined} />}
    </Labelled>
  )
}

export function SelectField({
  label,
  error: given,
  hint,
  children,
  ...select
}: Shown & SelectHTMLAttributes<HTMLSelectElement>) {
  const error = useError(given, select.name)
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

export function TextAreaField({
  label,
  error: given,
  hint,
  ...area
}: Shown & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const error = useError(given, area.name)
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
  error: given,
  ...input
}: Shown & Omit<InputHTMLAttributes<HTMLInputElement>, 'role' | 'type'>) {
  const error = useError(given, input.name)
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
