import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { Leave } from './leave.tsx'
import { StageHeading } from './stage-heading.tsx'

/** At the door, until a host decides. */
export function Waiting() {
  const { t } = useApp()
  return (
    <div class="page">
      <StageHeading>{t('meeting.waiting')}</StageHeading>
      <Notice>{t('meeting.waitingLead')}</Notice>
      <ConnectionNotice />
      <p class="actions">
        <Leave />
      </p>
    </div>
  )
}
