import { useState } from 'preact/hooks'
import type { PollShown } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { useMeeting } from '../meeting/meeting-context.ts'
import { useAction } from '../meeting/use-action.ts'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { download } from '../ui/download.ts'
import { Notice } from '../ui/notice.tsx'

/** What hosts do with a poll. */
export function PollHostTools({ poll: { id, status } }: { poll: PollShown }) {
  const { t } = useApp()
  const { polls } = useMeeting().model
  const { busy, error, run } = useAction()
  const [asking, setAsking] = useState(false)
  return (
    <div class="actions">
      {status === 'draft' && (
        <button type="button" class="button" disabled={busy} onClick={() => run(() => polls.open(id))}>
          {t('polls.open')}
        </button>
      )}
      {(status === 'open' || status === 'closing') && (
        <button type="button" class="button" disabled={busy} onClick={() => run(() => polls.close(id))}>
          {t('polls.close')}
        </button>
      )}
      {status !== 'draft' && (
        <button
          type="button"
          class="button quiet"
          disabled={busy}
          onClick={() => run(async () => download(await polls.csv(id)))}
        >
          {t('polls.download')}
        </button>
      )}
      <button type="button" class="button quiet" disabled={busy} onClick={() => setAsking(true)}>
        {t('polls.delete')}
      </button>
      <Notice kind="bad">{error}</Notice>
      {asking && (
        <ConfirmDialog
          title={t('polls.deleteAsk')}
          action={t('polls.delete')}
          onConfirm={() => polls.remove(id)}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  )
}
