import '../styles/videos.css'
import { useComputed } from '@preact/signals'
import type { Participant } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import type { LocalMedia } from './local-media.ts'
import type { Peers } from './peers.ts'
import { Tile } from './tile.tsx'

export interface VideosProps {
  self: Participant
  /** Everybody in the meeting; those in the call get a tile, in this order. */
  people: readonly Participant[]
  local: Pick<LocalMedia, 'video' | 'muted'>
  peers: Pick<Peers, 'streams' | 'states'>
  /** How loud the original voices are, 0 to 1: who hears the translation may want them low. */
  voiceVolume: number
}

/** Everybody in the call as tiles, oneself first. */
export function Videos({ self, people, local, peers, voiceVolume }: VideosProps) {
  const { t } = useApp()
  const own = useComputed(() => (local.video.value ? new MediaStream([local.video.value]) : null))
  const { value: states } = peers.states
  const others = people.filter(({ id }) => id !== self.id)
  const inCall = others.filter(({ id }) => states.has(id))
  // What is so here is known at once, and not only when the server has said it.
  const state = { ...self.state, muted: local.muted.value, camera: own.value !== null }
  return (
    <section class="videos" aria-label={t('call.label')} tabIndex={0}>
      <ul class="tiles" data-count={inCall.length + 1}>
        <Tile person={{ ...self, state }} isSelf stream={own.value} />
        {inCall.map((person) => (
          <Tile
            key={person.id}
            person={person}
            stream={peers.streams.value.get(person.id) ?? null}
            connection={states.get(person.id) ?? 'new'}
            voiceVolume={voiceVolume}
          />
        ))}
      </ul>
      {inCall.length < others.length && (
        <p class="muted">{t('call.others', { count: others.length - inCall.length })}</p>
      )}
    </section>
  )
}
