import '../styles/audit.css'
import { useRoute } from 'preact-iso'
import { useApp } from '../app-context.ts'
import { Page, useUser } from '../ui/page.tsx'
import { ChainNotice } from './audit/chain-notice.tsx'
import { Trail } from './audit/trail.tsx'

/** The whole trail, for admins. The server asks who it is at every call. */
export function AdminAudit() {
  const { t } = useApp()
  const user = useUser()
  if (!user) return <Page title={t('audit.title')}>{t('app.loading')}</Page>
  if (user.role !== 'admin') return <Page title={t('audit.title')}>{t('audit.adminsOnly')}</Page>
  return (
    <Page title={t('audit.title')} wide>
      <p class="lead">{t('audit.lead')}</p>
      <ChainNotice />
      <Trail />
    </Page>
  )
}

/** The trail of a room, for its hosts. */
export function RoomAudit() {
  const { t } = useApp()
  const user = useUser()
  const code = useRoute().params.code ?? ''
  if (!user) return <Page title={t('audit.title')}>{t('app.loading')}</Page>
  return (
    <Page title={t('audit.title')} wide>
      <p>
        <a href={`/meetings/${code}`}>{t('audit.backToRoom')}</a>
      </p>
      <p class="lead">{t('audit.roomLead')}</p>
      <Trail key={code} roomCode={code} />
    </Page>
  )
}
