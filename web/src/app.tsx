import type { FunctionComponent } from 'preact'
import { ErrorBoundary, LocationProvider, Route, Router } from 'preact-iso'
import type { PAGES } from '../../routes/web/pages.ts'
import { FailureBoundary } from './failure-boundary.tsx'
import { lazyPage } from './lazy-page.ts'
import { Home } from './pages/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Layout } from './ui/layout.tsx'

/** What is shown at the paths that the server answers with the page: neither more nor fewer, or it does not compile. */
const COMPONENTS: Readonly<Record<(typeof PAGES)[number], FunctionComponent>> = {
  '/': Home,
  '/sign-in': SignIn,
  '/sign-up': lazyPage(() => import('./pages/sign-up.tsx').then((m) => m.SignUp)),
  '/verify-email': lazyPage(() => import('./pages/verify-email.tsx').then((m) => m.VerifyEmail)),
  '/forgot-password': lazyPage(() => import('./pages/forgot-password.tsx').then((m) => m.ForgotPassword)),
  '/reset-password': lazyPage(() => import('./pages/reset-password.tsx').then((m) => m.ResetPassword)),
  '/account': lazyPage(() => import('./pages/account.tsx').then((m) => m.Account)),
  '/account/api-keys': lazyPage(() => import('./pages/api-keys.tsx').then((m) => m.ApiKeys)),
  '/meetings': lazyPage(() => import('./pages/meetings.tsx').then((m) => m.Meetings)),
  '/meetings/:code': lazyPage(() => import('./pages/meeting-settings.tsx').then((m) => m.MeetingSettings)),
  '/meetings/:code/audit': lazyPage(() => import('./pages/audit.tsx').then((m) => m.RoomAudit)),
  '/admin/audit': lazyPage(() => import('./pages/audit.tsx').then((m) => m.AdminAudit)),
  '/join/:code': lazyPage(() => import('./pages/join.tsx').then((m) => m.Join)),
}

export function App() {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <FailureBoundary>
          <Layout>
            <Router>
              {Object.entries(COMPONENTS).map(([path, component]) => (
                <Route key={path} path={path} component={component} />
              ))}
              <Route default component={NotFound} />
            </Router>
          </Layout>
        </FailureBoundary>
      </ErrorBoundary>
    </LocationProvider>
  )
}
