import { useApp } from '../../app-context.ts'
import { download } from '../../ui/download.ts'
import { useForm } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { queryOf, type Search } from './search.ts'

const FORMATS = ['csv', 'ndjson', 'json'] as const
/** A long trail takes its time. */
const TIMEOUT_MS = 600_000

/** All that is found, as a file. */
export function Exports({ search }: { search: Search }) {
  const { t, session } = useApp()
  const form = useForm(({ code }) => (code === 'UNPROCESSABLE' ? t('audit.tooMuch') : null))
  const save = (format: (typeof FORMATS)[number]) =>
    form.run(async () => {
      const query = { ...queryOf(search), format }
      await download(await session.request('GET /audit', { query, timeoutMs: TIMEOUT_MS }))
    })
  return (
    <section aria-label={t('audit.export')}>
      <p class="actions">
        {FORMATS.map((format) => (
          <button key={format} type="button" class="button quiet" aria-busy={form.busy} onClick={() => save(format)}>
            {t(`audit.export.${format}`)}
          </button>
        ))}
      </p>
      <Notice kind="bad">{form.error}</Notice>
      <Notice kind="good">{form.done && t('audit.exported')}</Notice>
    </section>
  )
}
