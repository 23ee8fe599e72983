import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { User } from '../api/types.ts'
import { useApp } from '../app-context.ts'

/** A page with its title, which the window has too. */
export function Page({ title, wide, children }: { title: string; wide?: boolean; children: ComponentChildren }) {
  const { t } = useApp()
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`
  }, [title, t])
  return (
    <div class={wide ? 'page wide' : 'page'}>
      <h1>{title}</h1>
      {children}
    </div>
  )
}

/** For signed-in users: the others are sent to sign in, and come back. Null while that is not known. */
export function useUser(): User | null {
  const { session } = useApp()
  const { path, route } = useLocation()
  const user = session.user.value
  useEffect(() => {
    if (user === null) route(`/sign-in?to=${encodeURIComponent(path)}`, true)
  }, [user, path, route])
  return user ?? null
}
