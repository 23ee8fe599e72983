import { useApp } from '../app-context.ts'
import { Dialog } from './dialog.tsx'

/** Asks before something that cannot be taken back. */
export function Confirm(props: { title: string; action: string; onConfirm(): void; onClose(): void }) {
  const { title, action, onConfirm, onClose } = props
  const { t } = useApp()
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="actions">
        <button
          type="button"
          class="button danger"
          onClick={() => {
            onClose()
            onConfirm()
          }}
        >
          {action}
        </button>
        <button type="button" class="button quiet" onClick={onClose}>
          {t('action.cancel')}
        </button>
      </div>
    </Dialog>
  )
}
