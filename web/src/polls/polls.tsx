import '../styles/polls.css'
import { useEffect, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { useMeeting } from '../meeting/meeting-context.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { NewPollForm } from './new-poll-form.tsx'
import { PollCard } from './poll-card.tsx'

/** The polls of a meeting: asked by hosts, answered by all. */
export function Polls() {
  const { t } = useApp()
  const { model } = useMeeting()
  const { polls, load } = model.polls
  const [asking, setAsking] = useState(false)
  const isHost = model.isHost.value
  const reading = model.people.me.value.listening_language
  const toAnswer = polls.value.find(({ poll, voted }) => poll.status === 'open' && !voted)

  // Another language is another text of each.
  useEffect(() => void load().catch(() => undefined), [load, reading])

  if (!isHost && polls.value.length === 0) return null
  return (
    <section aria-labelledby="polls-title">
      <h2 id="polls-title">{t('polls.title')}</h2>
      <Notice>{toAnswer && t('polls.asked', { question: toAnswer.poll.question })}</Notice>
      {isHost && (
        <button type="button" class="button quiet" onClick={() => setAsking(true)}>
          {t('polls.ask')}
        </button>
      )}
      <ul class="list">
        {polls.value.map((state) => (
          <li key={state.poll.id}>
            <PollCard state={state} />
          </li>
        ))}
      </ul>
      {asking && (
        <Dialog title={t('polls.ask')} onClose={() => setAsking(false)}>
          <NewPollForm onDone={() => setAsking(false)} />
        </Dialog>
      )}
    </section>
  )
}
