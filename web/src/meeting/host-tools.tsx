import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'
import { useAction } from './use-action.ts'

/** What only hosts do: lock the room, end the meeting for all. */
export function HostTools() {
  const { t } = useApp()
  const { entry, model } = useMeeting()
  const { busy, error, run } = useAction()
  const [asking, setAsking] = useState(false)
  const { visit } = entry
  const params = visit.room
  const isLocked = model.people.room.value?.settings.lock_room ?? false
  const setLock = (lock_room: boolean) =>
    run(() => visit.call('PATCH /meetings/{room_code}/config', { params, body: { lock_room } }))

  return (
    <section aria-labelledby="host-title">
      <h2 id="host-title">{t('meeting.host')}</h2>
      <div class="actions">
        <button type="button" class="button quiet" aria-disabled={busy} onClick={() => setLock(!isLocked)}>
          {isLocked ? t('meeting.unlock') : t('meeting.lock')}
        </button>
        <button type="button" class="button danger" aria-disabled={busy} onClick={() => setAsking(true)}>
          {t('meeting.endAll')}
        </button>
      </div>
      <Notice kind="bad">{error}</Notice>
      {asking && (
        <ConfirmDialog
          title={t('meeting.endAsk')}
          action={t('meeting.endAll')}
          onConfirm={() => visit.call('POST /meetings/{room_code}/end', { params })}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  )
}
