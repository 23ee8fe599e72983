import { useApp } from '../app-context.ts'
import { useMeeting } from './meeting-context.ts'

/** Out of the meeting, also when the server cannot be told: it notices. */
export function Leave() {
  const { t } = useApp()
  const { entry, over } = useMeeting()
  function leave(): void {
    over('left')
    entry.visit.leave().catch(() => undefined)
  }
  return (
    <button type="button" class="button danger" onClick={leave}>
      {t('meeting.leave')}
    </button>
  )
}
