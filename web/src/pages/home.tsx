import { useApp } from '../app-context.ts'
import { Page } from '../ui/page.tsx'

export function Home() {
  const { t, session } = useApp()
  return (
    <Page title={t('home.title')}>
      <p class="lead">{t('home.lead')}</p>
      <p class="actions">
        <a class="button" href={session.user.value ? '/meetings' : '/sign-up'}>
          {t('home.start')}
        </a>
      </p>
    </Page>
  )
}
