import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'

/** The link that others join by. Shown too: not every browser lets a page copy. */
export function CopyLink() {
  const { t } = useApp()
  const { room } = useMeeting().model.people
  const [copied, setCopied] = useState(false)
  const link = room.value?.join_url
  if (!link) return null
  return (
    <p class="copy-link">
      <a href={link}>{link}</a>
      <button
        type="button"
        class="button quiet"
        onClick={() =>
          void navigator.clipboard.writeText(link).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {t('meeting.copyLink')}
      </button>
      <Notice kind="good">{copied && t('meeting.copied')}</Notice>
    </p>
  )
}
