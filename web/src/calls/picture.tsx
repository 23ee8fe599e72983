import { useEffect, useRef } from 'preact/hooks'

export interface PictureProps {
  stream: MediaStream
  /** What it is called. */
  label: string
  mirrored: boolean
}

/** A moving picture without sound: voices are played by themselves. */
export function Picture({ stream, label, mirrored }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = stream
  }, [stream])
  return <video class={mirrored ? 'mirrored' : ''} ref={video} muted autoplay playsInline aria-label={label} />
}
