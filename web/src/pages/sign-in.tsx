import { useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { Page } from '../ui/page.tsx'
import { destinationOf } from './destination.ts'
import { CodeStep } from './sign-in/code-step.tsx'
import { type Credentials, PasswordStep } from './sign-in/password-step.tsx'

/** Signs in and goes on to where one came from: `?to=`. Whoever is signed in already goes there at once. */
export function SignIn() {
  const { t, session } = useApp()
  const { path, query, route } = useLocation()
  const user = session.user.value
  const to = destinationOf(query.to, location.origin)
  // The password was right, and a code is wanted too.
  const [known, setKnown] = useState<Credentials | null>(null)
  useEffect(() => {
    // This page stays until the next one is loaded, and the address is another one by then.
    if (user && path === '/sign-in') route(to, true)
  }, [user, path, to, route])

  return (
    <Page title={t('signIn.title')}>
      <Notice kind="good">{query.after === 'deletion' && t('delete.done')}</Notice>
      {known ? (
        <CodeStep credentials={known} onBack={() => setKnown(null)} />
      ) : (
        <PasswordStep onCodeWanted={setKnown} to={query.to} />
      )}
    </Page>
  )
}
