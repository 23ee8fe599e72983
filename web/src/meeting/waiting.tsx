import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { Leave } from './leave.tsx'

/** At the door, until a host decides. */
export function Waiting() {
  const { t } = useApp()
  return (
    <div class="page">
      <h1>{t('meeting.waiting')}</h1>
      <Notice>{t('meeting.waitingLead')}</Notice>
      <ConnectionNotice />
      <p class="actions">
        <Leave />
      </p>
    </div>
  )
}
