import type { NewApiKey } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { CheckField } from '../../ui/field.tsx'

type Scope = NewApiKey['scopes'][number]

export const SCOPES: readonly Scope[] = ['pipeline', 'meetings:read', 'meetings:write', 'transcripts:read']

export interface ScopeFieldsProps {
  scopes: readonly Scope[]
  onScopes(scopes: Scope[]): void
  error?: string | undefined
}

/** What a key may do. What is wrong stands beside the first. */
export function ScopeFields({ scopes, onScopes, error }: ScopeFieldsProps) {
  const { t } = useApp()
  return (
    <fieldset class="scopes">
      <legend>{t('keys.scopes')}</legend>
      {SCOPES.map((scope, index) => (
        <CheckField
          key={scope}
          label={t(`keys.scope.${scope}`)}
          name={scope}
          checked={scopes.includes(scope)}
          error={index === 0 ? error : undefined}
          onChange={(event) => {
            const isOn = event.currentTarget.checked
            onScopes(SCOPES.filter((each) => (each === scope ? isOn : scopes.includes(each))))
          }}
        />
      ))}
    </fieldset>
  )
}
