import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Api } from './api/client.ts'
import type { Session } from './api/session.ts'
import type { I18n } from './i18n/i18n.ts'

/** What every page needs. */
export interface AppContext {
  readonly session: Session
  /** Calls as nobody. */
  readonly api: Api
  readonly i18n: I18n
}

export const AppContext = createContext<AppContext | null>(null)

export function useApp(): AppContext & Pick<I18n, 't'> {
  const app = useContext(AppContext)
  if (!app) throw new Error('no AppContext above this component')
  return { ...app, t: app.i18n.t }
}
