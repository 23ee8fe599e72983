import type { SessionList } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { deviceNameOf } from './device-name.ts'

export interface SessionItemProps {
  entry: SessionList['sessions'][number]
  onEnd(): void
}

/** One sign-in. The one of this page is ended by signing out. */
export function SessionItem({ entry, onEnd }: SessionItemProps) {
  const { t, i18n } = useApp()
  const name = deviceNameOf(entry.device)
  const device = name ? t('sessions.device', { ...name }) : entry.device || t('sessions.unknown')
  const used = i18n.time(entry.last_used_at)
  return (
    <li class="session">
      <div>
        <strong>{device}</strong> {entry.current && <em>{t('sessions.current')}</em>}
        <div class="muted">
          {t('sessions.times', { created: i18n.time(entry.created_at), used, address: entry.address })}
        </div>
      </div>
      {!entry.current && (
        <button type="button" class="button quiet" aria-label={t('sessions.endOne', { device, used })} onClick={onEnd}>
          {t('sessions.end')}
        </button>
      )}
    </li>
  )
}
