import type { PollResults, PollShown } from '../api/types.ts'
import { useApp } from '../app-context.ts'

/** A bar for each option, with its number beside it. */
export function PollResult({ poll, results }: { poll: PollShown; results: PollResults }) {
  const { t } = useApp()
  const { voter_count: all } = results
  return (
    <div>
      <p class="muted">{t('polls.voters', { count: all })}</p>
      <ul class="list poll-bars">
        {poll.options.map(({ id, text }) => {
          const found = results.options.find((option) => option.id === id)
          const votes = found?.votes ?? 0
          const percent = all === 0 ? 0 : Math.round((votes / all) * 100)
          const voters = found?.voters ?? []
          return (
            <li key={id}>
              <label for={`bar-${poll.id}-${id}`}>
                <span lang={poll.language} dir="auto">
                  {text}
                </span>{' '}
                <strong>{t('polls.count', { votes, percent })}</strong>
              </label>
              <progress id={`bar-${poll.id}-${id}`} max={Math.max(1, all)} value={votes} />
              {voters.length > 0 && <p class="muted">{voters.map((voter) => voter.display_name).join(', ')}</p>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
