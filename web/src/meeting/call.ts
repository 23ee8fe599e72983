import { effect, untracked } from '@preact/signals'
import { byArrival } from '../calls/choice.ts'
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
  const peers = createPeers({
    selfId,
    send: model.signal,
    rank: byArrival(() => [...present.value.values()]),
  })
  // A page that is closed says so to the others: they need not find out.
  const leave = () => peers.close()
  addEventListener('pagehide', leave)
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
      removeEventListener('pagehide', leave)
      peers.close()
    },
  }
}
