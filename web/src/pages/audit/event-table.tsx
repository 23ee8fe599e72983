import type { AuditEvent } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'

/** Entries of the trail. Its ids can be copied whole; a narrow screen scrolls it sideways. */
export function EventTable({ events }: { events: readonly AuditEvent[] }) {
  const { t, i18n } = useApp()
  const actionText = (action: string) => {
    const key = `audit.action.${action}`
    return i18n.has(key) ? t(key) : action
  }
  const outcomeText = (outcome: string) => {
    const key = `audit.outcome.${outcome}`
    return i18n.has(key) ? t(key) : outcome
  }
  return (
    // What scrolls must be reached by keys.
    <section class="audit-table" aria-label={t('audit.table')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t('audit.at')}</th>
            <th scope="col">{t('audit.action')}</th>
            <th scope="col">{t('audit.outcome')}</th>
            <th scope="col">{t('audit.who')}</th>
            <th scope="col">{t('audit.about')}</th>
            <th scope="col">{t('audit.details')}</th>
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.seq}>
              <td>{event.seq}</td>
              <td>
                <time dateTime={event.at}>{i18n.time(event.at, { dateStyle: 'short', timeStyle: 'medium' })}</time>
              </td>
              <td>{actionText(event.action)}</td>
              <td>{outcomeText(event.outcome)}</td>
              <td>
                {t(`audit.by.${event.actor_kind}`)} <code>{event.actor_id}</code>
              </td>
              <td>
                <code>{event.subject}</code>
              </td>
              <td>
                <code>{detailsText(event.details)}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function detailsText(details: object): string {
  return Object.entries(details)
    .map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(' ') : String(value)}`)
    .join(', ')
}
