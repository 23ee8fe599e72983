import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { CaptionItem } from './caption-item.tsx'
import { useMeeting } from './meeting-context.ts'

/** So near the end counts as being there: new captions scroll into view. */
const NEAR_PX = 80

/**
 * What is said. Screen readers hear what is settled, once; what still grows is for the eyes, or they would hear every word again and
 * again.
 */
export function CaptionsView() {
  const { t } = useApp()
  const { captions } = useMeeting().model
  const scroller = useRef<HTMLDivElement>(null)
  const [away, setAway] = useState(false)
  const finals = captions.finals.value
  const interims = captions.interims.value

  function toEnd(): void {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }

  useLayoutEffect(() => {
    if (!away) toEnd()
  })

  function onScroll(): void {
    const element = scroller.current
    if (element) setAway(element.scrollHeight - element.scrollTop - element.clientHeight > NEAR_PX)
  }

  return (
    <section class="captions" aria-labelledby="captions-title">
      <h2 id="captions-title" class="visually-hidden">
        {t('meeting.captions')}
      </h2>
      <div
        class="captions-scroll"
        ref={scroller}
        onScroll={onScroll}
        tabIndex={0}
        role="group"
        aria-labelledby="captions-title"
      >
        {finals.length === 0 && interims.length === 0 && <p class="muted">{t('meeting.empty')}</p>}
        <div role="log" aria-live="polite" aria-relevant="additions" aria-label={t('meeting.captions')}>
          {finals.map((caption) => (
            <div class="caption" key={caption.id} data-caption={caption.id}>
              <CaptionItem caption={caption} />
            </div>
          ))}
        </div>
        <div role="group" aria-live="off" aria-label={t('meeting.saidNow')}>
          {interims.map((caption) => (
            <div class="caption interim" key={caption.id}>
              <CaptionItem caption={caption} />
            </div>
          ))}
        </div>
      </div>
      {away && (
        <button type="button" class="button to-latest" onClick={toEnd}>
          {t('meeting.latest')}
        </button>
      )}
    </section>
  )
}
