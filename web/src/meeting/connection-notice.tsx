import { useEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'

/** Says that the connection is lost, and that it is back. */
export function ConnectionNotice() {
  const { t } = useApp()
  const { model } = useMeeting()
  const status = model.status.value
  const wasLost = useRef(false)
  const [isBack, setIsBack] = useState(false)
  useEffect(() => {
    if (status === 'offline') wasLost.current = true
    setIsBack(status === 'online' && wasLost.current)
  }, [status])
  return (
    <>
      <Notice kind="bad">{status === 'offline' && t('meeting.offline')}</Notice>
      <Notice>{status === 'connecting' && t('meeting.connecting')}</Notice>
      <Notice kind="good">{isBack && !model.gap.value && t('meeting.back')}</Notice>
      <Notice kind="bad">{status === 'online' && model.gap.value && t('meeting.gap')}</Notice>
    </>
  )
}
