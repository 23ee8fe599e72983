import { useState } from 'preact/hooks'
import { useApp } from '../../app-context.ts'
import { SelectField } from '../../ui/field.tsx'
import { errorText } from '../../ui/form.tsx'
import { Notice } from '../../ui/notice.tsx'
import { MeetingItem } from './meeting-item.tsx'
import { Pager } from './pager.tsx'
import { useLoaded } from './use-loaded.ts'

const PER_PAGE = 10
const SHOWN = ['all', 'host', 'participant'] as const

/** Own meetings, newest first. */
export function MeetingList() {
  const { t, i18n, session } = useApp()
  const [shown, setShown] = useState<(typeof SHOWN)[number]>('all')
  const [page, setPage] = useState(1)
  const query = { page, per_page: PER_PAGE, ...(shown === 'all' ? {} : { role: shown }) }
  const { value: list, error } = useLoaded(`${page} ${shown}`, () => session.call('GET /meetings', { query }))

  return (
    <>
      <SelectField
        label={t('rooms.show')}
        value={shown}
        onChange={(event) => {
          setShown(SHOWN.find((each) => each === event.currentTarget.value) ?? 'all')
          setPage(1)
        }}
      >
        {SHOWN.map((each) => (
          <option key={each} value={each}>
            {t(`rooms.show.${each}`)}
          </option>
        ))}
      </SelectField>
      <Notice kind="bad">{error !== null && errorText(i18n, error)}</Notice>
      <Notice>{list === null ? error === null && t('app.loading') : list.total === 0 && t('rooms.none')}</Notice>
      <ul class="list">
        {list?.meetings.map((meeting) => (
          <MeetingItem key={meeting.room_code} meeting={meeting} />
        ))}
      </ul>
      <Pager page={page} pages={Math.ceil((list?.total ?? 0) / PER_PAGE)} onPage={setPage} />
    </>
  )
}
