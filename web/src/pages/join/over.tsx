import { useEffect, useRef } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import type { MessageKey } from '../../i18n/i18n.ts'
import type { Outcome } from '../../meeting/entry.ts'
import { Page } from '../../ui/page.tsx'

/** What the button says where one can come back. An ended meeting stays ended, and who was removed stays out. */
const AGAIN: Partial<Record<Outcome, MessageKey>> = {
  left: 'over.again',
  signed_out: 'over.again',
  failed: 'over.again',
  rejected: 'over.ask',
  elsewhere: 'over.here',
}

/** After a meeting: what happened, and the way back where there is one. */
export function Over({ outcome, onAgain }: { outcome: Outcome; onAgain(): void }) {
  const { t, session } = useApp()
  const text = useRef<HTMLParagraphElement>(null)
  // What had the focus was in the meeting.
  useEffect(() => text.current?.focus(), [])
  const again = AGAIN[outcome]
  return (
    <Page title={t('rooms.page')}>
      <p class="lead" tabIndex={-1} ref={text}>
        {t(`over.${outcome}`)}
      </p>
      <p class="actions">
        {again && (
          <button type="button" class="button" onClick={onAgain}>
            {t(again)}
          </button>
        )}
        <a class="button quiet" href={session.user.value ? '/meetings' : '/'}>
          {t(session.user.value ? 'rooms.back' : 'app.home')}
        </a>
      </p>
    </Page>
  )
}
