import { useState } from 'preact/hooks'
import type { MadeApiKey } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { errorText } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../account/section.tsx'
import { Pager } from '../meetings/pager.tsx'
import { useLoaded } from '../meetings/use-loaded.ts'
import { KeyItem } from './key-item.tsx'

const PER_PAGE = 10

/** What is asked about first: which key, and what is to become of it. */
interface Asked {
  what: 'rotate' | 'revoke'
  id: string
  name: string
}

export interface KeyListProps {
  /** Grows when the list is to be asked for anew. */
  changes: number
  onRotated(key: MadeApiKey): void
}

/** Own keys, newest first; ended ones stay for a while. */
export function KeyList({ changes, onRotated }: KeyListProps) {
  const { t, i18n, session } = useApp()
  const [page, setPage] = useState(1)
  const [asked, setAsked] = useState<Asked | null>(null)
  const [revoked, setRevoked] = useState(0)
  const load = () => session.call('GET /api-keys', { query: { page, per_page: PER_PAGE } })
  const { value: list, error } = useLoaded(`${page} ${changes} ${revoked}`, load)

  async function confirm({ what, id }: Asked): Promise<void> {
    const params = { id }
    if (what === 'rotate') return onRotated(await session.call('POST /api-keys/{id}/rotate', { params }))
    await session.call('DELETE /api-keys/{id}', { params })
    setRevoked((count) => count + 1)
  }

  return (
    <Section title={t('keys.own')} stage={String(revoked)}>
      <Notice kind="bad">{error !== null && errorText(i18n, error)}</Notice>
      <Notice>{list === null ? error === null && t('app.loading') : list.total === 0 && t('keys.none')}</Notice>
      <Notice kind="good">{revoked > 0 && t('keys.revoked')}</Notice>
      <ul class="list keys">
        {list?.api_keys.map((entry) => (
          <KeyItem key={entry.id} entry={entry} onAsk={(what) => setAsked({ what, id: entry.id, name: entry.name })} />
        ))}
      </ul>
      <Pager page={page} pages={Math.ceil((list?.total ?? 0) / PER_PAGE)} onPage={setPage} />
      {asked && (
        <ConfirmDialog
          title={t(`keys.${asked.what}One`, { name: asked.name })}
          text={t(`keys.${asked.what}Text`)}
          action={t(`keys.${asked.what}`)}
          onConfirm={() => confirm(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </Section>
  )
}
