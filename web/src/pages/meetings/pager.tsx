import { useApp } from '../../app-context.ts'

/** Goes through a list by page; nothing where there is one page. */
export function Pager({ page, pages, onPage }: { page: number; pages: number; onPage(page: number): void }) {
  const { t } = useApp()
  if (pages < 2) return null
  return (
    <nav class="pager" aria-label={t('rooms.pages')}>
      <button type="button" class="button quiet" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        {t('rooms.newer')}
      </button>
      <span role="status">{t('rooms.pageOf', { page, pages })}</span>
      <button type="button" class="button quiet" disabled={page >= pages} onClick={() => onPage(page + 1)}>
        {t('rooms.older')}
      </button>
    </nav>
  )
}
