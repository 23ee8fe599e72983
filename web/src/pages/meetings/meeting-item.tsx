import type { MeetingsPage } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { JoinLink } from '../../rooms/join-link.tsx'
import { statusText } from './status.ts'

/** One meeting in the list. */
export function MeetingItem({ meeting }: { meeting: MeetingsPage['meetings'][number] }) {
  const { t, i18n } = useApp()
  const { room_code: code, name, role, status, join_url: url } = meeting
  const isHost = role === 'host' || role === 'co_host'
  return (
    <li class="card meeting-item">
      <h3>{name}</h3>
      <p class="muted">
        {statusText(i18n, meeting)} · {t(`rooms.role.${role}`)}
      </p>
      {status !== 'ended' && <JoinLink url={url} name={name} />}
      <p class="actions">
        {status !== 'ended' && (
          <a class="button" href={`/join/${code}`}>
            {t('rooms.join')}
            <span class="visually-hidden"> {name}</span>
          </a>
        )}
        <a class="button quiet" href={`/meetings/${code}`}>
          {t(isHost ? 'rooms.settings' : 'rooms.details')}
          <span class="visually-hidden"> {name}</span>
        </a>
      </p>
    </li>
  )
}
