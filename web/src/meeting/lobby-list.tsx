import { useRef } from 'preact/hooks'
import type { Visit } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'
import { useAction } from './use-action.ts'

const admit = (participant_id: string) => (visit: Visit) =>
  visit.call('POST /meetings/{room_code}/admit/{participant_id}', { params: { ...visit.room, participant_id } })
const reject = (participant_id: string) => (visit: Visit) =>
  visit.call('POST /meetings/{room_code}/reject/{participant_id}', { params: { ...visit.room, participant_id } })
const admitAll = (visit: Visit) => visit.call('POST /meetings/{room_code}/admit-all', { params: visit.room })
const rejectAll = (visit: Visit) => visit.call('POST /meetings/{room_code}/reject-all', { params: visit.room })

/** Who waits at the door, for hosts to decide. */
export function LobbyList() {
  const { t } = useApp()
  const { entry, model } = useMeeting()
  const { busy, error, run } = useAction()
  const waiting = [...model.people.lobby.value.values()]
  const last = waiting.at(-1)
  const heading = useRef<HTMLHeadingElement>(null)
  // The row of who was decided on goes, and the focus with it.
  const decide = (decision: (visit: Visit) => Promise<unknown>) =>
    run(async () => {
      await decision(entry.visit)
      heading.current?.focus()
    })

  return (
    <>
      <Notice>{last && t('meeting.knocks', { name: last.display_name })}</Notice>
      <section class="lobby" aria-labelledby="lobby-title" hidden={waiting.length === 0}>
        <h2 id="lobby-title" ref={heading} tabIndex={-1}>
          {t('meeting.lobby', { count: waiting.length })}
        </h2>
        <ul class="list">
          {waiting.map(({ id, display_name }) => (
            <li key={id}>
              <strong>{display_name}</strong>
              <div class="actions" role="group" aria-label={t('meeting.actionsFor', { name: display_name })}>
                <button type="button" class="button" aria-disabled={busy} onClick={() => decide(admit(id))}>
                  {t('meeting.admit')}
                </button>
                <button type="button" class="button quiet" aria-disabled={busy} onClick={() => decide(reject(id))}>
                  {t('meeting.reject')}
                </button>
              </div>
            </li>
          ))}
        </ul>
        {waiting.length > 1 && (
          <div class="actions">
            <button type="button" class="button" aria-disabled={busy} onClick={() => decide(admitAll)}>
              {t('meeting.admitAll')}
            </button>
            <button type="button" class="button quiet" aria-disabled={busy} onClick={() => decide(rejectAll)}>
              {t('meeting.rejectAll')}
            </button>
          </div>
        )}
        <Notice kind="bad">{error}</Notice>
      </section>
    </>
  )
}
