import type { FunctionComponent } from 'preact'
import { lazy } from 'preact-iso'
import { Failed } from './pages/failed.tsx'

/**
 * A page that is loaded when it is first shown. After an upgrade the files that an open window would load next are gone: everything is
 * loaded anew, once. If that does not help, words and a button are in its place.
 */
export function lazyPage(load: () => Promise<FunctionComponent>): FunctionComponent {
  return lazy(() => load().catch(() => (reloadsOnce() ? new Promise<never>(() => {}) : Failed)))
}

/** What was tried is kept with the entry of the history: it outlives the reload, and the next page has another one. */
function reloadsOnce(): boolean {
  // Without a connection there would be no page at all afterwards.
  if (history.state?.reloaded || !navigator.onLine) return false
  history.replaceState({ reloaded: true }, '')
  location.reload()
  return true
}
