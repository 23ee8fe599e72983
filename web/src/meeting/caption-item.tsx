import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import type { CaptionFrame } from './frames.ts'

/** One thing that was said: in the reader's language, with what was said in truth on demand. */
export function CaptionItem({ caption }: { caption: CaptionFrame }) {
  const { t, i18n } = useApp()
  const [original, setOriginal] = useState(false)
  const { speaker, text, language, source_text, source_language, status, engine } = caption
  const from = i18n.languageName(source_language)
  return (
    <>
      <p class="caption-speaker">
        <span>{speaker.display_name}</span>
        {status === 'translated' && (
          <span class="muted" title={engine ? t('meeting.draft', { engine }) : undefined}>
            {t('meeting.translatedFrom', { language: from })}
          </span>
        )}
        {status === 'untranslated' && <span class="muted">{t('meeting.untranslated', { language: from })}</span>}
        {status === 'translated' && caption.final && (
          <button type="button" class="link" aria-expanded={original} onClick={() => setOriginal(!original)}>
            {original ? t('meeting.hideOriginal') : t('meeting.showOriginal')}
          </button>
        )}
      </p>
      <p class="caption-text" lang={language} dir="auto">
        {text}
      </p>
      {original && (
        <p class="caption-original" lang={source_language} dir="auto">
          {source_text}
        </p>
      )}
    </>
  )
}
