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
        <bdi>{speaker.display_name}</bdi>
        {status === 'translated' && (
          <span class="muted">
            {t('meeting.translatedFrom', { language: from })}
            {engine && ` · ${engine}`}
          </span>
        )}
        {status === 'untranslated' && <span class="muted">{t('meeting.untranslated', { language: from })}</span>}
      </p>
      <p class="caption-text" lang={language} dir="auto">
        {text}
      </p>
      {status === 'translated' && caption.final && (
        <button type="button" class="link caption-more" aria-expanded={original} onClick={() => setOriginal(!original)}>
          {original ? t('meeting.hideOriginal') : t('meeting.showOriginal')}
        </button>
      )}
      {original && (
        <p class="caption-original" lang={source_language} dir="auto">
          {source_text}
        </p>
      )}
    </>
  )
}
