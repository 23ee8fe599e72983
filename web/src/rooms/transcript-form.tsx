import { useState } from 'preact/hooks'
import type { Api, FluentMeetError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import { download } from '../ui/download.ts'
import { CheckField, SelectField } from '../ui/field.tsx'
import { Form, useForm } from '../ui/form.tsx'
import { LanguageSelect } from '../ui/language-select.tsx'
import { Notice } from '../ui/notice.tsx'

const FORMATS = ['vtt', 'srt', 'txt', 'json'] as const
/** A long meeting is translated while it is sent. */
const TIMEOUT_MS = 300_000

export interface TranscriptFormProps {
  code: string
  /** The one that is offered first. */
  language: string
  /** A call as whoever wants it. */
  request: Api['request']
}

/** Downloads what was said: as it was said, or in one language. */
export function TranscriptForm({ code, language: preferred, request }: TranscriptFormProps) {
  const { t } = useApp()
  const [format, setFormat] = useState<(typeof FORMATS)[number]>('vtt')
  const [original, setOriginal] = useState(true)
  const [language, setLanguage] = useState(preferred)
  const [done, setDone] = useState(false)
  const form = useForm(({ code }: FluentMeetError) => {
    if (code === 'FORBIDDEN') return t('transcript.absent')
    return code === 'UNPROCESSABLE' ? t('transcript.tooLong') : null
  })

  async function fetchIt() {
    setDone(false)
    const call = { params: { room_code: code }, query: { format, ...(original ? {} : { language }) } }
    await download(await request('GET /meetings/{room_code}/transcript', { ...call, timeoutMs: TIMEOUT_MS }))
    setDone(true)
  }

  return (
    <Form form={form} onSubmit={fetchIt} action={t('transcript.action')}>
      <SelectField
        label={t('transcript.format')}
        value={format}
        onChange={(event) => setFormat(FORMATS.find((each) => each === event.currentTarget.value) ?? 'vtt')}
      >
        {FORMATS.map((each) => (
          <option key={each} value={each}>
            {t(`transcript.${each}`)}
          </option>
        ))}
      </SelectField>
      <CheckField
        label={t('transcript.original')}
        checked={original}
        onChange={(event) => setOriginal(event.currentTarget.checked)}
      />
      <LanguageSelect label={t('transcript.language')} value={language} onValue={setLanguage} disabled={original} />
      <Notice kind="good">{done && t('transcript.done')}</Notice>
    </Form>
  )
}
