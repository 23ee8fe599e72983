import '../styles/account.css'
import { useState } from 'preact/hooks'
import type { MadeApiKey } from '../api/types.ts'
import { useApp } from '../app-context.ts'
import { Page, useUser } from '../ui/page.tsx'
import { Section } from './account/section.tsx'
import { KeyList } from './api-keys/key-list.tsx'
import { MadeKey } from './api-keys/made-key.tsx'
import { NewKeyForm } from './api-keys/new-key.tsx'

/** One's keys for machines: made, found, rotated, revoked. */
export function ApiKeys() {
  const { t } = useApp()
  const user = useUser()
  const [made, setMade] = useState<MadeApiKey | null>(null)
  // The list is asked for anew when there is one more.
  const [count, setCount] = useState(0)
  if (!user) return <Page title={t('keys.title')}>{t('app.loading')}</Page>

  function onMade(key: MadeApiKey): void {
    setMade(key)
    setCount((before) => before + 1)
  }

  return (
    <Page title={t('keys.title')}>
      <p>{t('keys.lead')}</p>
      <Section title={made ? t('keys.yours') : t('keys.new')} stage={made?.id ?? 'new'}>
        {made ? <MadeKey made={made} onKept={() => setMade(null)} /> : <NewKeyForm onMade={onMade} />}
      </Section>
      <KeyList changes={count} onRotated={onMade} />
      <p>
        <a href="/account">{t('keys.back')}</a>
      </p>
    </Page>
  )
}
