import { useEffect, useState } from 'preact/hooks'
import type { AuditPage } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { useForm } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { EventTable } from './event-table.tsx'
import { Exports } from './exports.tsx'
import { Filters } from './filters.tsx'
import { EVERYTHING, queryOf, type Search } from './search.ts'

/** The trail, or that of one room: filters, a page of entries, older ones, files. */
export function Trail({ roomCode = '' }: { roomCode?: string }) {
  const { t, session } = useApp()
  const isAdmin = roomCode === ''
  const form = useForm(({ code }) => (code === 'NOT_FOUND' ? t('rooms.unknown') : null))
  const [search, setSearch] = useState<Search>({ ...EVERYTHING, room_code: roomCode })
  const [page, setPage] = useState<AuditPage | null>(null)

  async function show(wanted: Search, cursor: number | null = null): Promise<void> {
    setPage(await session.call('GET /audit', { query: { ...queryOf(wanted), ...(cursor ? { cursor } : {}) } }))
    setSearch(wanted)
  }
  const turn = (cursor: number | null) => void form.run(() => show(search, cursor))
  useEffect(() => turn(null), [])

  return (
    <>
      <section class="card">
        <Filters search={search} form={form} isAdmin={isAdmin} onSearch={show} />
      </section>
      <Notice>
        {page && (page.events.length > 0 ? t('audit.found', { count: page.events.length }) : t('audit.none'))}
      </Notice>
      {page && page.events.length > 0 && <EventTable events={page.events} />}
      <nav class="actions" aria-label={t('audit.pages')}>
        <button type="button" class="button quiet" onClick={() => turn(null)}>
          {t('audit.newest')}
        </button>
        <button
          type="button"
          class="button quiet"
          disabled={!page?.next_cursor}
          onClick={() => turn(page?.next_cursor ?? null)}
        >
          {t('audit.older')}
        </button>
      </nav>
      <Exports search={search} />
    </>
  )
}
