import { useApp } from '../app-context.ts'
import type { LocalMedia } from '../calls/local-media.ts'
import { Notice } from '../ui/notice.tsx'

/** Why the microphone or the camera does not work. */
export function MediaNotice({ media }: { media: Pick<LocalMedia, 'audioProblem' | 'videoProblem'> }) {
  const { t } = useApp()
  const { audioProblem, videoProblem } = media
  return (
    <>
      <Notice kind="bad">{audioProblem.value && t(`call.microphone.${audioProblem.value}`)}</Notice>
      <Notice kind="bad">{videoProblem.value && t(`call.camera.${videoProblem.value}`)}</Notice>
    </>
  )
}
