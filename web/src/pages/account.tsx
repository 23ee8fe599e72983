import '../styles/account.css'
import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { Page, useUser } from '../ui/page.tsx'
import { ChangePassword } from './account/change-password.tsx'
import { DataExport } from './account/data-export.tsx'
import { DeleteAccount } from './account/delete-account.tsx'
import { Machines } from './account/machines.tsx'
import { Profile } from './account/profile.tsx'
import { Sessions } from './account/sessions.tsx'
import { TwoFactor } from './account/two-factor.tsx'

/** One's own account. */
export function Account() {
  const { t } = useApp()
  const user = useUser()
  // A changed password has ended sessions: they are listed anew.
  const [changes, setChanges] = useState(0)
  return (
    <Page title={t('account.title')}>
      {user ? (
        <div key={user.id}>
          <Profile user={user} />
          <ChangePassword user={user} onChanged={() => setChanges(changes + 1)} />
          <TwoFactor user={user} />
          <Sessions key={changes} />
          <Machines />
          <DataExport />
          <DeleteAccount user={user} />
        </div>
      ) : (
        <p>{t('app.loading')}</p>
      )}
    </Page>
  )
}
