import { useApp } from '../app-context.ts'
import { Page } from '../ui/page.tsx'

/** In the place of a page that could not be loaded, or that broke. */
export function Failed() {
  const { t } = useApp()
  return (
    <Page title={t('app.failed')}>
      <p>{t('app.failedWhy')}</p>
      <button type="button" class="button" onClick={() => location.reload()}>
        {t('app.reload')}
      </button>
    </Page>
  )
}
