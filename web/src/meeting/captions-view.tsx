import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { CaptionItem } from './caption-item.tsx'
import type { CaptionList } from './captions.ts'
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
  const away = useSignal(false)
  const isEmpty = useComputed(() => captions.finals.value.length === 0 && captions.interims.value.length === 0)

  function toEnd(): void {
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight })
  }

  // When what has just come is drawn.
  useSignalEffect(() => {
    void [captions.finals.value, captions.interims.value]
    if (!away.value) requestAnimationFrame(toEnd)
  })

  function onScroll(): void {
    const element = scroller.current
    if (element) away.value = element.scrollHeight - element.scrollTop - element.clientHeight > NEAR_PX
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
        {isEmpty.value && <p class="muted">{t('meeting.empty')}</p>}
        <Finals captions={captions} />
        <Interims captions={captions} />
      </div>
      {away.value && (
        <button type="button" class="button to-latest" onClick={toEnd}>
          {t('meeting.latest')}
        </button>
      )}
    </section>
  )
}

function Finals({ captions }: { captions: CaptionList }) {
  const { t } = useApp()
  return (
    <div role="log" aria-live="polite" aria-relevant="additions" aria-label={t('meeting.captions')}>
      {captions.finals.value.map((caption) => (
        <div class="caption" key={caption.id} data-caption={caption.id}>
          <CaptionItem caption={caption} />
        </div>
      ))}
    </div>
  )
}

/** By itself: it changes twice a second, and what is settled is not drawn anew for that. */
function Interims({ captions }: { captions: CaptionList }) {
  const { t } = useApp()
  return (
    <div role="group" aria-live="off" aria-label={t('meeting.saidNow')}>
      {captions.interims.value.map((caption) => (
        <div class="caption interim" key={caption.id}>
          <CaptionItem caption={caption} />
        </div>
      ))}
    </div>
  )
}
