import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useApp } from '../app-context.ts'
import { LOCALES } from '../i18n/i18n.ts'
import { useForm } from './form.tsx'
import { Notice } from './notice.tsx'

/** Header, the page in the main landmark, and where the focus goes when another page comes. */
export function Layout({ children }: { children: ComponentChildren }) {
  const { t, i18n, session } = useApp()
  const { path, route } = useLocation()
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)

  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else main.current?.focus()
  }, [path])

  const user = session.user.value
  const leaving = useForm()
  const signOut = () =>
    leaving.run(async () => {
      await session.signOut()
      route('/sign-in')
    })

  return (
    <>
      <a class="skip" href="#main">
        {t('app.skip')}
      </a>
      <header class="header">
        <a class="brand" href="/">
          {t('app.name')}
        </a>
        <nav class="nav">
          {user && <a href="/meetings">{t('nav.meetings')}</a>}
          {user?.role === 'admin' && <a href="/admin/audit">{t('nav.audit')}</a>}
          {user && <a href="/account">{t('nav.account')}</a>}
          {user && (
            <button type="button" class="link" onClick={signOut}>
              {t('nav.signOut')}
            </button>
          )}
          {user === null && <a href="/sign-in">{t('nav.signIn')}</a>}
          {user === null && <a href="/sign-up">{t('nav.signUp')}</a>}
        </nav>
        <select
          class="locale"
          aria-label={t('app.language')}
          value={i18n.locale.value}
          onChange={(event) => i18n.choose(event.currentTarget.value)}
        >
          {LOCALES.map((locale) => (
            <option key={locale} value={locale} lang={locale}>
              {new Intl.DisplayNames([locale], { type: 'language' }).of(locale)}
            </option>
          ))}
        </select>
        {/* Not signed out: the cookie would sign in whoever comes next. */}
        <Notice kind="bad">{leaving.error}</Notice>
      </header>
      <main id="main" class="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </>
  )
}
