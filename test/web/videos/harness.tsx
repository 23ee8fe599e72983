import '../../../web/src/styles/tokens.css'
import '../../../web/src/styles/base.css'
import '../../../web/src/styles/ui.css'
import { type Signal, signal } from '@preact/signals'
import { render } from 'preact'
import type { Participant } from '../../../web/src/api/types.ts'
import { AppContext } from '../../../web/src/app-context.ts'
import { createLocalMedia, type LocalMedia } from '../../../web/src/calls/local-media.ts'
import { Videos } from '../../../web/src/calls/videos.tsx'
import { createI18n } from '../../../web/src/i18n/i18n.ts'

/** Somebody's tile and those of others, whose connections are made up. */
export interface VideosHarness {
  media(devices?: MediaDevices): LocalMedia
  show(local: LocalMedia): void
  people: Signal<Participant[]>
  states: Signal<ReadonlyMap<string, RTCPeerConnectionState>>
  streams: Signal<ReadonlyMap<string, MediaStream>>
  volume: Signal<number>
  person(name: string, state?: Partial<Participant['state']>): Participant
}

declare global {
  interface Window {
    videos: VideosHarness
  }
}

function createHarness(): VideosHarness {
  const people = signal<Participant[]>([])
  const states = signal<ReadonlyMap<string, RTCPeerConnectionState>>(new Map())
  const streams = signal<ReadonlyMap<string, MediaStream>>(new Map())
  const volume = signal(1)
  const person: VideosHarness['person'] = (name, state = {}) => ({
    id: name,
    display_name: name,
    role: 'participant',
    speaking_language: 'en',
    listening_language: 'en',
    joined_at: '2026-01-01T10:00:00.000Z',
    status: 'joined',
    state: { muted: false, hand: false, camera: false, ...state },
  })

  return {
    media: createLocalMedia,
    people,
    states,
    streams,
    volume,
    person,
    show(local) {
      // Only what tiles need of it.
      const app = { i18n: createI18n(['en']) } as AppContext
      const Shown = () => (
        <AppContext.Provider value={app}>
          <Videos
            self={person('Ana Maria Ruiz')}
            people={people.value}
            local={local}
            peers={{ states, streams }}
            voiceVolume={volume.value}
          />
        </AppContext.Provider>
      )
      render(<Shown />, document.querySelector('main') as HTMLElement)
    },
  }
}

window.videos = createHarness()
