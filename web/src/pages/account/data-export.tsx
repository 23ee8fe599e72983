import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { Section } from './section.tsx'

/** A long history takes its time. */
const TIMEOUT_MS = 600_000
/** The browser has begun to save it by then. */
const KEPT_MS = 60_000

/** Everything the server holds about the user, as a file. */
export function DataExport() {
  const { t, session } = useApp()
  const form = useForm()

  async function download() {
    const response = await session.request('GET /users/me/export', { timeoutMs: TIMEOUT_MS })
    const url = URL.createObjectURL(await response.blob())
    const link = document.createElement('a')
    link.href = url
    link.download = 'fluentmeet-export.json'
    link.click()
    setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
  }

  return (
    <Section title={t('export.title')}>
      <p>{t('export.lead')}</p>
      <Form form={form} quiet action={t('export.action')} done={t('export.done')} onSubmit={download} />
    </Section>
  )
}
