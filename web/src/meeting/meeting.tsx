import '../styles/meeting.css'
import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { createLocalMedia } from '../calls/local-media.ts'
import { createCall } from './call.ts'
import type { Entry, Outcome } from './entry.ts'
import { Inside } from './inside.tsx'
import { MeetingContext } from './meeting-context.ts'
import { createMeetingModel } from './model.ts'
import { Waiting } from './waiting.tsx'

export interface MeetingProps {
  entry: Entry
  onOver(outcome: Outcome): void
}

/** Everything that lives as long as somebody is in a meeting. */
function open(entry: Entry, over: (outcome: Outcome) => void) {
  const model = createMeetingModel(entry, over)
  const media = createLocalMedia()
  const call = createCall(entry, model, media)
  return {
    ...{ model, media, call },
    close() {
      call.close()
      media.close()
      model.close()
    },
  }
}

/** The meeting itself, from the lobby to the end. */
export function Meeting({ entry, onOver }: MeetingProps) {
  const { t } = useApp()
  const [{ model, media, call, close }] = useState(() => open(entry, onOver))
  const { me, room } = model.people
  const isInside = me.value.status === 'joined'
  const title = room.value?.name ?? t('meeting.title')
  useEffect(() => close, [close])
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  // At the door nobody is heard or seen.
  useEffect(() => {
    if (isInside) void media.choose(entry.devices)
  }, [isInside, media, entry])

  return (
    <MeetingContext.Provider value={{ entry, model, over: onOver }}>
      {isInside ? <Inside title={title} media={media} peers={call.peers} /> : <Waiting />}
    </MeetingContext.Provider>
  )
}
