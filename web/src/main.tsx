import './styles/tokens.css'
import './styles/base.css'
import './styles/ui.css'
import { render } from 'preact'
import { createApi } from './api/client.ts'
import { createSession } from './api/session.ts'
import { App } from './app.tsx'
import { AppContext } from './app-context.ts'
import { createI18n } from './i18n/i18n.ts'

const session = createSession()
const api = createApi({ baseUrl: location.origin })
const i18n = createI18n(navigator.languages)
const root = document.getElementById('app')
if (!root) throw new Error('the page has no #app')
void session.resume()
render(
  <AppContext.Provider value={{ session, api, i18n }}>
    <App />
  </AppContext.Provider>,
  root,
)
