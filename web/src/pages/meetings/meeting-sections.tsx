import { useRef } from 'preact/hooks'
import type { Room, User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { JoinLink } from '../../rooms/join-link.tsx'
import { TranscriptForm } from '../../rooms/transcript-form.tsx'
import { Closing } from './closing.tsx'
import { InviteForm } from './invite-form.tsx'
import type { KnownMeeting } from './load-meeting.ts'
import { SettingsForm } from './settings-form.tsx'
import { SettingsShown } from './settings-shown.tsx'
import { statusText } from './status.ts'

export interface MeetingSectionsProps {
  meeting: KnownMeeting
  user: User
  onRoom(room: Room): void
  reload(): void
}

/** A meeting's page below its name: hosts rule it here, others see it. */
export function MeetingSections({ meeting: { room, isHost }, user, onRoom, reload }: MeetingSectionsProps) {
  const { t, i18n, session } = useApp()
  const status = useRef<HTMLParagraphElement>(null)
  const isOpen = room.status !== 'ended'
  const ruled = isHost && isOpen
  return (
    <>
      <p class="muted" role="status" tabIndex={-1} ref={status}>
        {statusText(i18n, room)}
      </p>
      {isOpen && (
        <>
          <JoinLink url={room.join_url} name={room.name} />
          <p class="actions">
            <a class="button" href={`/join/${room.room_code}`}>
              {t('rooms.joinNow')}
            </a>
          </p>
        </>
      )}
      <section class="card">
        <h2>{t('settings.title')}</h2>
        {ruled ? <SettingsForm room={room} onSaved={onRoom} /> : <SettingsShown settings={room.settings} />}
      </section>
      {ruled && (
        <section class="card">
          <h2>{t('invite.title')}</h2>
          <InviteForm code={room.room_code} />
        </section>
      )}
      <section class="card">
        <h2>{t('transcript.title')}</h2>
        <TranscriptForm code={room.room_code} language={user.listening_language} request={session.request} />
      </section>
      {isHost && (
        <p>
          <a href={`/meetings/${room.room_code}/audit`}>{t('audit.ofRoom')}</a>
        </p>
      )}
      {isHost && (
        <section class="card">
          <h2>{t('close.title')}</h2>
          <Closing
            room={room}
            onEnded={() => {
              reload()
              // The button that had the focus is gone.
              status.current?.focus()
            }}
          />
        </section>
      )}
    </>
  )
}
