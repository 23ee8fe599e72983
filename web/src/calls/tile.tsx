import { useMemo } from 'preact/hooks'
import type { Participant } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { Picture } from './picture.tsx'
import { Voice } from './voice.tsx'

export interface TileProps {
  person: Pick<Participant, 'id' | 'display_name' | 'state'>
  isSelf?: boolean
  stream: MediaStream | null
  /** Of the connection to somebody else. */
  connection?: RTCPeerConnectionState
  /** 0 to 1. */
  voiceVolume?: number
}

/** One person: the picture or initials, the name, and what is to be known about them in words. */
export function Tile({ person, isSelf = false, stream, connection = 'connected', voiceVolume = 0 }: TileProps) {
  const { t } = useApp()
  const { display_name: name, state } = person
  const seen = state.camera && stream !== null && stream.getVideoTracks().length > 0
  const facts = [
    state.hand && t('call.hand'),
    state.muted && t('call.muted'),
    connection === 'failed' && t('call.failed'),
    (connection === 'new' || connection === 'connecting') && t('call.connecting'),
    connection === 'closed' && t('call.elsewhere'),
    connection === 'disconnected' && t('call.interrupted'),
  ].filter((fact) => fact !== false)
  const letters = useMemo(() => initials(name), [name])
  return (
    <li class={state.hand ? 'tile hand' : 'tile'}>
      <span class="tile-initials" aria-hidden="true">
        {letters}
      </span>
      {seen && <Picture stream={stream} label={t('call.camera', { name })} mirrored={isSelf} />}
      <div class="tile-words">
        <span class="tile-name" dir="auto">
          {isSelf ? t('call.you', { name }) : name}
        </span>
        {facts.map((fact) => (
          <span key={fact} class="tile-fact">
            {fact}
          </span>
        ))}
        {/* Seen by the initials. */}
        {!state.camera && <span class="visually-hidden">{t('call.cameraOff')}</span>}
        {!isSelf && stream && <Voice stream={stream} name={name} volume={voiceVolume} />}
      </div>
    </li>
  )
}

/** Of the first and the last word, as people write them: a letter may be several characters. */
function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== '')
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words
  const letters = new Intl.Segmenter()
  return ends.map((word = '') => [...letters.segment(word)][0]?.segment.toLocaleUpperCase() ?? '').join('')
}
