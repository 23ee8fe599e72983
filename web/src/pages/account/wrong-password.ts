import { useApp } from '../../app-context.ts'
import type { Explain } from '../../ui/form.tsx'

/** Who is signed in has mistyped the password: said beside its field. A wrong code is told by its own. */
export function useWrongPassword(field: string): Explain {
  const { t } = useApp()
  return ({ code, fields }) =>
    code === 'INVALID_CREDENTIALS' && Object.keys(fields).length === 0 ? { [field]: t('field.passwordWrong') } : null
}
