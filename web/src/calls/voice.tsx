import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'

export interface VoiceProps {
  stream: MediaStream
  /** Whose it is. */
  name: string
  /** 0 to 1. */
  volume: number
}

/** Plays somebody's voice; a browser that first wants a click gets a button for it. */
export function Voice({ stream, name, volume }: VoiceProps) {
  const { t } = useApp()
  const audio = useRef<HTMLAudioElement>(null)
  const [blocked, setBlocked] = useState(false)

  function play(): void {
    audio.current?.play().then(
      () => setBlocked(false),
      // Anything else, such as another stream coming first, passes by itself.
      (error: DOMException) => error.name === 'NotAllowedError' && setBlocked(true),
    )
  }

  useEffect(() => {
    if (!audio.current) return
    audio.current.srcObject = stream
    play()
  }, [stream])

  useEffect(() => {
    if (!audio.current) return
    audio.current.volume = Math.min(Math.max(volume, 0), 1)
    // Where the volume is the device's alone, silence still can be had.
    audio.current.muted = volume <= 0
  }, [volume])

  return (
    <>
      {/* biome-ignore lint/a11y/useMediaCaption: what is said comes as captions of the meeting */}
      <audio ref={audio} />
      {blocked && (
        <button type="button" class="button quiet" onClick={play}>
          {t('call.hear', { name })}
        </button>
      )}
    </>
  )
}
