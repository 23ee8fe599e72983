import { useLocation } from 'preact-iso'
import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Field } from '../../ui/field.tsx'

export interface WhoProps {
  user: User | null
  /** By an invitation, which is not kept while one signs in. */
  invited: boolean
  name: string
  onName(name: string): void
  error: string | undefined
}

/** Under which name one joins: that of the account, or a guest's. */
export function Who({ user, invited, name, onName, error }: WhoProps) {
  const { t } = useApp()
  const { path } = useLocation()
  if (user) return <p>{t('join.as', { name: user.full_name })}</p>
  return (
    <>
      <p>
        {t('join.guest')} {invited && t('join.invitedSignIn')}{' '}
        <a href={`/sign-in?to=${encodeURIComponent(path)}`}>{t('nav.signIn')}</a>
      </p>
      <Field
        label={t('join.name')}
        hint={t('join.nameHint')}
        name="name"
        autoComplete="name"
        required
        maxLength={100}
        value={name}
        onInput={(event) => onName(event.currentTarget.value)}
        error={error}
      />
    </>
  )
}
