import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { SelectField } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { saveAs } from '../ui/save-as.ts'
import { useMeeting } from './meeting-context.ts'
import { useAction } from './use-action.ts'

const FORMATS = ['vtt', 'srt', 'txt', 'json'] as const

/** What was said so far, as a file. */
export function TranscriptDownload() {
  const { t, i18n } = useApp()
  const { entry, model } = useMeeting()
  const { busy, error, run } = useAction()
  const [format, setFormat] = useState<string>('txt')
  const [language, setLanguage] = useState('')
  const own = model.people.me.value.listening_language

  async function download(): Promise<void> {
    const query = new URLSearchParams({ format, ...(language === '' ? {} : { language }) })
    const answer = await entry.request('GET', `/meetings/${entry.code}/transcript?${query}`)
    saveAs(await answer.blob(), `transcript.${format}`)
  }

  return (
    <section
      aria-labelledby="transcript-title"
      hidden={model.people.room.value?.settings.enable_transcription === false}
    >
      <h2 id="transcript-title">{t('meeting.transcript')}</h2>
      <SelectField
        label={t('meeting.format')}
        value={format}
        onChange={(event) => setFormat(event.currentTarget.value)}
      >
        {FORMATS.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField
        label={t('meeting.transcriptLanguage')}
        value={language}
        onChange={(event) => setLanguage(event.currentTarget.value)}
      >
        <option value="">{t('meeting.original')}</option>
        <option value={own}>{i18n.languageName(own)}</option>
      </SelectField>
      <button type="button" class="button quiet" disabled={busy} onClick={() => run(download)}>
        {t('meeting.download')}
      </button>
      <Notice kind="bad">{error}</Notice>
    </section>
  )
}
