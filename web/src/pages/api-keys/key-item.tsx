import type { ApiKey } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'

export interface KeyItemProps {
  entry: ApiKey
  onAsk(what: 'rotate' | 'revoke'): void
}

/** One key, as far as it may be seen. */
export function KeyItem({ entry, onAsk }: KeyItemProps) {
  const { t, i18n } = useApp()
  const { name, state, last_used_at, last_used_address } = entry
  const isLive = state === 'active' || state === 'replaced'
  const ended = { at: i18n.time(entry.revoked_at ?? entry.expires_at) }
  const used = last_used_at
    ? t('keys.used', { at: i18n.time(last_used_at), address: last_used_address ?? '' })
    : t('keys.unused')
  return (
    <li class="session">
      <div>
        <strong>{name}</strong> <code>{entry.prefix}…</code>
        <div>{t(`keys.state.${state}`, ended)}</div>
        <div class="muted">{entry.scopes.map((scope) => t(`keys.scope.${scope}`)).join(' · ')}</div>
        {entry.allowed_networks.length > 0 && (
          <div class="muted">{t('keys.from', { networks: entry.allowed_networks.join(', ') })}</div>
        )}
        <div class="muted">
          {t('keys.made', { at: i18n.time(entry.created_at) })} {used}
        </div>
      </div>
      {isLive && (
        <p class="actions">
          {state === 'active' && (
            <button
              type="button"
              class="button quiet"
              aria-label={t('keys.rotateOne', { name })}
              onClick={() => onAsk('rotate')}
            >
              {t('keys.rotate')}
            </button>
          )}
          <button
            type="button"
            class="button quiet"
            aria-label={t('keys.revokeOne', { name })}
            onClick={() => onAsk('revoke')}
          >
            {t('keys.revoke')}
          </button>
        </p>
      )}
    </li>
  )
}
