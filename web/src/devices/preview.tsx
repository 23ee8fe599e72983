import { useEffect, useRef } from 'preact/hooks'

/** What a camera sees, as in a mirror. */
export function Preview({ stream, label }: { stream: MediaStream; label: string }) {
  const video = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    if (video.current) video.current.srcObject = stream
  }, [stream])
  return <video class="preview" ref={video} aria-label={label} autoPlay muted playsInline />
}
