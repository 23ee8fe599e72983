import { useCallback, useEffect, useState } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import type { SessionList } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { errorText, useForm } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from './section.tsx'
import { SessionItem } from './session-item.tsx'

/** Where one is signed in; each sign-in can be ended. */
export function Sessions() {
  const { t, i18n, session } = useApp()
  const { route } = useLocation()
  const [list, setList] = useState<SessionList['sessions'] | null>(null)
  const [ended, setEnded] = useState(0)
  const [failure, setFailure] = useState<unknown>(null)
  const form = useForm()

  const load = useCallback(async () => setList((await session.call('GET /auth/sessions')).sessions), [session])
  useEffect(() => {
    load().catch(setFailure)
  }, [load])

  const end = (id: string) =>
    form.run(async () => {
      await session.call('DELETE /auth/sessions/{id}', { params: { id } })
      setEnded((count) => count + 1)
      await load()
    })
  const endAll = () =>
    form.run(async () => {
      await session.signOut(true)
      route('/sign-in')
    })

  return (
    <Section title={t('sessions.title')} stage={String(ended)}>
      <ul class="list sessions">
        {list?.map((entry) => (
          <SessionItem key={entry.id} entry={entry} onEnd={() => end(entry.id)} />
        ))}
      </ul>
      <Notice kind="good">{form.done && ended > 0 && t('sessions.ended')}</Notice>
      <Notice kind="bad">{form.error ?? (failure !== null && errorText(i18n, failure))}</Notice>
      <button type="button" class="button quiet" onClick={endAll}>
        {t('sessions.endAll')}
      </button>
    </Section>
  )
}
