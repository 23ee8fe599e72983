import { useState } from 'preact/hooks'
import type { LocalMedia } from '../calls/local-media.ts'
import type { Peers } from '../calls/peers.ts'
import { Videos } from '../calls/videos.tsx'
import { Polls } from '../polls/polls.tsx'
import { CaptionsView } from './captions-view.tsx'
import { Composer } from './composer.tsx'
import { ConnectionNotice } from './connection-notice.tsx'
import { Controls } from './controls.tsx'
import { HostTools } from './host-tools.tsx'
import { Languages } from './languages.tsx'
import { LobbyList } from './lobby-list.tsx'
import { MediaNotice } from './media-notice.tsx'
import { useMeeting } from './meeting-context.ts'
import { PeopleList } from './people-list.tsx'
import { RoomTools } from './room-tools.tsx'
import { StageHeading } from './stage-heading.tsx'
import { TroubleNotice } from './trouble-notice.tsx'

/** The meeting as those see it who are in it. */
export function Inside({ title, media, peers }: { title: string; media: LocalMedia; peers: Peers }) {
  const { entry, model } = useMeeting()
  const [voiceVolume, setVoiceVolume] = useState(1)
  const { me, present } = model.people
  return (
    <div class="meeting">
      <div class="meeting-notices">
        <StageHeading hidden>{title}</StageHeading>
        <ConnectionNotice />
        <TroubleNotice />
        <MediaNotice media={media} />
      </div>
      <div class="stage">
        {present.value.size > 0 && (
          <Videos
            self={me.value}
            people={[...present.value.values()]}
            local={media}
            peers={peers}
            voiceVolume={voiceVolume}
          />
        )}
        <CaptionsView />
        <Composer />
      </div>
      <Controls media={media} devices={entry.devices} voiceVolume={voiceVolume} onVoiceVolume={setVoiceVolume} />
      <div class="side">
        {model.isHost.value && <LobbyList />}
        <Polls />
        <Languages />
        <PeopleList />
        <RoomTools />
        {model.isHost.value && <HostTools />}
      </div>
    </div>
  )
}
