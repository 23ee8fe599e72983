import { useApp } from '../app-context.ts'
import { Page } from '../ui/page.tsx'

export function NotFound() {
  const { t } = useApp()
  return (
    <Page title={t('app.notFound')}>
      <a href="/">{t('app.home')}</a>
    </Page>
  )
}
