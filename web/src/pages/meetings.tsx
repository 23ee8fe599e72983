import '../styles/rooms.css'
import { useState } from 'preact/hooks'
import type { Room } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { Page, useUser } from '../ui/page.tsx'
import { MadeMeeting } from './meetings/made-meeting.tsx'
import { MeetingList } from './meetings/meeting-list.tsx'
import { NewMeetingForm } from './meetings/new-meeting.tsx'

/** The meetings of the user: made here, found here. */
export function Meetings() {
  const { t } = useApp()
  const user = useUser()
  const [made, setMade] = useState<Room | null>(null)
  if (!user) return <Page title={t('rooms.title')}>{t('app.loading')}</Page>
  return (
    <Page title={t('rooms.title')} wide>
      <section class="card">
        <h2>{t('rooms.new')}</h2>
        <NewMeetingForm onMade={setMade} />
        <MadeMeeting room={made} />
      </section>
      <section>
        <h2>{t('rooms.own')}</h2>
        {/* Another one is asked for when there is one more. */}
        <MeetingList key={made?.room_code} />
      </section>
    </Page>
  )
}
