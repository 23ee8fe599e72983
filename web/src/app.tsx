import { ErrorBoundary, LocationProvider, lazy, Route, Router } from 'preact-iso'
import { Home } from './pages/home.tsx'
import { NotFound } from './pages/not-found.tsx'
import { SignIn } from './pages/sign-in.tsx'
import { Layout } from './ui/layout.tsx'

const SignUp = lazy(() => import('./pages/sign-up.tsx').then((m) => m.SignUp))
const VerifyEmail = lazy(() => import('./pages/verify-email.tsx').then((m) => m.VerifyEmail))
const ForgotPassword = lazy(() => import('./pages/forgot-password.tsx').then((m) => m.ForgotPassword))
const ResetPassword = lazy(() => import('./pages/reset-password.tsx').then((m) => m.ResetPassword))
const Account = lazy(() => import('./pages/account.tsx').then((m) => m.Account))
const Meetings = lazy(() => import('./pages/meetings.tsx').then((m) => m.Meetings))
const MeetingSettings = lazy(() => import('./pages/meeting-settings.tsx').then((m) => m.MeetingSettings))
const Join = lazy(() => import('./pages/join.tsx').then((m) => m.Join))

/** The pages by their paths: those of `routes/web/pages.ts`. */
export function App() {
  return (
    <LocationProvider>
      <ErrorBoundary>
        <Layout>
          <Router>
            <Route path="/" component={Home} />
            <Route path="/sign-in" component={SignIn} />
            <Route path="/sign-up" component={SignUp} />
            <Route path="/verify-email" component={VerifyEmail} />
            <Route path="/forgot-password" component={ForgotPassword} />
            <Route path="/reset-password" component={ResetPassword} />
            <Route path="/account" component={Account} />
            <Route path="/meetings" component={Meetings} />
            <Route path="/meetings/:code" component={MeetingSettings} />
            <Route path="/join/:code" component={Join} />
            <Route default component={NotFound} />
          </Router>
        </Layout>
      </ErrorBoundary>
    </LocationProvider>
  )
}
