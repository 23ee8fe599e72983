import '../styles/rooms.css'
import { useRoute } from 'preact-iso'
import { FluentMeetError } from '../api/client.ts'
import type { User } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { errorText } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { Page, useUser } from '../ui/page.tsx'
import { loadMeeting } from './meetings/load-meeting.ts'
import { MeetingSections } from './meetings/meeting-sections.tsx'
import { useLoaded } from './meetings/use-loaded.ts'

/** One meeting of the user. */
export function MeetingSettings() {
  const { t } = useApp()
  const user = useUser()
  const code = useRoute().params.code ?? ''
  if (!user) return <Page title={t('rooms.page')}>{t('app.loading')}</Page>
  return <MeetingPage key={code} code={code} user={user} />
}

function MeetingPage({ code, user }: { code: string; user: User }) {
  const { t, i18n, session } = useApp()
  const { value: meeting, error, put, reload } = useLoaded(code, () => loadMeeting(session, code))
  const unknown = error instanceof FluentMeetError && (error.code === 'NOT_FOUND' || 'room_code' in error.fields)
  return (
    <Page title={meeting?.room.name ?? t('rooms.page')}>
      <p>
        <a href="/meetings">{t('rooms.back')}</a>
      </p>
      <Notice kind="bad">{error !== null && (unknown ? t('rooms.unknown') : errorText(i18n, error))}</Notice>
      <Notice>{!meeting && error === null && t('app.loading')}</Notice>
      {meeting && (
        <MeetingSections meeting={meeting} user={user} reload={reload} onRoom={(room) => put({ ...meeting, room })} />
      )}
    </Page>
  )
}
