import type { ErrorBody } from '../api/types.ts'

/**
 * What a browser can tell is wrong with a form, field by field, in the server's words: it names one field at a time, and people mend all
 * at once.
 */
export function invalidFields(form: HTMLFormElement): ErrorBody['details'] {
  return [...form.elements].flatMap((element) => {
    if (!(element instanceof HTMLInputElement) || element.name === '') return []
    const message = problemOf(element)
    return message === null ? [] : [{ field: element.name, message }]
  })
}

function problemOf({ type, validity, value, minLength, required }: HTMLInputElement): string | null {
  if (validity.valueMissing && type === 'checkbox') return 'must be equal to constant'
  if (validity.valueMissing || (required && value.trim() === '')) return 'is required'
  if (validity.typeMismatch) return 'must match format "email"'
  // `tooShort` is only told of what was typed: a password manager fills in too.
  if (value !== '' && [...value].length < minLength) return `must NOT have fewer than ${minLength} characters`
  return null
}
