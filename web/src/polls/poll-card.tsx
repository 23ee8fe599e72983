import { useApp } from '../app-context.ts'
import { useMeeting } from '../meeting/meeting-context.ts'
import { PollHostTools } from './poll-host-tools.tsx'
import type { PollState } from './poll-list.ts'
import { PollResult } from './poll-result.tsx'
import { VoteForm } from './vote-form.tsx'

/** One poll: the question, one's vote, the result as far as it is shown. */
export function PollCard({ state }: { state: PollState }) {
  const { t, i18n } = useApp()
  const isHost = useMeeting().model.isHost.value
  const { poll, results } = state
  const { id, question, language, status, anonymous, translation, source_language } = poll
  const facts = [
    t(`polls.status.${status}`),
    anonymous ? t('polls.isAnonymous') : null,
    translation === 'translated' ? t('meeting.translatedFrom', { language: i18n.languageName(source_language) }) : null,
  ]
  return (
    <article class="card poll" aria-labelledby={`poll-${id}`}>
      <h3 id={`poll-${id}`} lang={language} dir="auto">
        {question}
      </h3>
      <p class="muted">{facts.filter((fact) => fact !== null).join(' · ')}</p>
      {status === 'open' && <VoteForm state={state} />}
      {results && <PollResult poll={poll} results={results} />}
      {!results && status === 'open' && (
        <p class="muted">{poll.results === 'hosts' ? t('polls.hiddenForHosts') : t('polls.hidden')}</p>
      )}
      {isHost && <PollHostTools poll={poll} />}
    </article>
  )
}
