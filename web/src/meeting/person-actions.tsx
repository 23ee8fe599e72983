import { useState } from 'preact/hooks'
import type { Participant } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'
import { useAction } from './use-action.ts'

/** What a host may do about one person. Guests have no account that could host. */
export function PersonActions({ person }: { person: Participant }) {
  const { t } = useApp()
  const { entry, model } = useMeeting()
  const { busy, error, run } = useAction()
  const [asking, setAsking] = useState(false)
  const { id, display_name: name, role } = person
  const { visit } = entry
  const params = { ...visit.room, participant_id: id }
  const mine = model.people.me.value.role
  // Co-hosts rule guests and participants; what a co-host is, the host says.
  if (role === 'host' || (role === 'co_host' && mine !== 'host')) return null

  const setRole = (next: 'co_host' | 'participant') =>
    run(() => visit.call('PATCH /meetings/{room_code}/participants/{participant_id}', { params, body: { role: next } }))

  return (
    <div class="actions" role="group" aria-label={t('meeting.actionsFor', { name })}>
      {mine === 'host' && role === 'participant' && (
        <button type="button" class="button quiet" aria-disabled={busy} onClick={() => setRole('co_host')}>
          {t('meeting.makeCoHost')}
        </button>
      )}
      {role === 'co_host' && (
        <button type="button" class="button quiet" aria-disabled={busy} onClick={() => setRole('participant')}>
          {t('meeting.unmakeCoHost')}
        </button>
      )}
      <button type="button" class="button quiet" aria-disabled={busy} onClick={() => setAsking(true)}>
        {t('meeting.remove')}
      </button>
      <Notice kind="bad">{error}</Notice>
      {asking && (
        <ConfirmDialog
          title={t('meeting.removeAsk', { name })}
          action={t('meeting.remove')}
          onConfirm={() => visit.call('POST /meetings/{room_code}/kick/{participant_id}', { params })}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
