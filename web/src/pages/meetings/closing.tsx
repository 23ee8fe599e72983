import { useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { Room } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'

/** Ends a meeting for everybody, or deletes it; both are asked about first. */
export function Closing({ room, onEnded }: { room: Room; onEnded(): void }) {
  const { t, session } = useApp()
  const { route } = useLocation()
  const [asked, setAsked] = useState<'end' | 'delete' | null>(null)
  const params = { room_code: room.room_code }
  const close = () => setAsked(null)

  async function end() {
    await session.call('POST /meetings/{room_code}/end', { params })
    close()
    onEnded()
  }
  async function remove() {
    await session.call('DELETE /meetings/{room_code}', { params })
    route('/meetings')
  }

  return (
    <>
      <p class="actions">
        {room.status !== 'ended' && (
          <button type="button" class="button danger" onClick={() => setAsked('end')}>
            {t('close.end')}
          </button>
        )}
        <button type="button" class="button danger" onClick={() => setAsked('delete')}>
          {t('close.delete')}
        </button>
      </p>
      {asked === 'end' && (
        <ConfirmDialog
          title={t('close.endTitle')}
          text={t('close.endText')}
          action={t('close.end')}
          onConfirm={end}
          onClose={close}
        />
      )}
      {asked === 'delete' && (
        <ConfirmDialog
          title={t('close.deleteTitle')}
          text={t('close.deleteText')}
          action={t('close.delete')}
          onConfirm={remove}
          onClose={close}
        />
      )}
    </>
  )
}
