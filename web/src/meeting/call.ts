import { effect, untracked } from '@preact/signals'
import type { LocalMedia } from '../calls/local-media.ts'
import { createPeers, type Peers } from '../calls/peers.ts'
import type { Entry } from './entry.ts'
import { type MeetingModel, others } from './model.ts'

/** Camera and voice between the people of one meeting, and what of it goes to the server to be understood. */
export interface Call {
  readonly peers: Peers
  close(): void
}

export function createCall(entry: Entry, model: MeetingModel, media: LocalMedia): Call {
  const selfId = entry.joined.participant.id
  const { present } = model.people
  const joinedAt = (id: string): string => present.value.get(id)?.joined_at ?? ''
  const peers = createPeers({
    selfId,
    send: model.signal,
    // Whoever came first is in the call when more are there than it holds.
    rank: (a, b) => joinedAt(a).localeCompare(joinedAt(b)) || a.localeCompare(b),
  })
  model.onSignal(({ from, kind, payload }) => peers.receive(from, kind, payload))
  const effects = [
    effect(() => {
      const ids = others(present.value, selfId).map(({ id }) => id)
      if (present.value.has(selfId)) untracked(() => peers.setPeople(ids))
    }),
    effect(() => {
      const { audio, video } = media.sent.value
      untracked(() => {
        peers.setTracks({ audio, video })
        model.speakWith(audio)
        model.setCamera(video !== null)
      })
    }),
  ]
  return {
    peers,
    close() {
      for (const stop of effects) stop()
      peers.close()
    },
  }
}
