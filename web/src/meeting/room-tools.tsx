import { useApp } from '../app-context.ts'
import { JoinLink } from '../rooms/join-link.tsx'
import { TranscriptForm } from '../rooms/transcript-form.tsx'
import { useMeeting } from './meeting-context.ts'

/** The link that others join by, and what was said so far as a file. */
export function RoomTools() {
  const { t } = useApp()
  const { entry, model } = useMeeting()
  const { room, me } = model.people
  if (!room.value) return null
  const { name, join_url, settings } = room.value
  return (
    <>
      <JoinLink url={join_url} name={name} />
      {settings.enable_transcription && (
        <section aria-labelledby="transcript-title">
          <h2 id="transcript-title">{t('transcript.title')}</h2>
          <TranscriptForm
            code={entry.visit.room.room_code}
            language={me.value.listening_language}
            request={entry.visit.request}
          />
        </section>
      )}
    </>
  )
}
