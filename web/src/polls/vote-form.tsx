import { useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { useMeeting } from '../meeting/meeting-context.ts'
import { Form, useForm } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import type { PollState } from './poll-list.ts'

/** One's vote in an open poll; who has voted may change it where the poll lets them. */
export function VoteForm({ state }: { state: PollState }) {
  const { t } = useApp()
  const { model } = useMeeting()
  const { poll, voted } = state
  const [chosen, setChosen] = useState<readonly string[]>(state.choice)
  const form = useForm(({ code }) => (code === 'CONFLICT' ? t('polls.already') : null))
  const isFixed = voted && !poll.changeable

  function choose(id: string, on: boolean): void {
    if (!poll.multiple) setChosen([id])
    else setChosen(on ? [...chosen, id] : chosen.filter((each) => each !== id))
  }

  return (
    <>
      <Notice kind="good">{voted && t('polls.voted')}</Notice>
      {!isFixed && (
        <Form
          form={form}
          action={voted ? t('polls.changeVote') : t('polls.vote')}
          onSubmit={async () => {
            if (chosen.length > 0) await model.polls.vote(poll.id, chosen)
          }}
        >
          <fieldset class="poll-options" aria-labelledby={`poll-${poll.id}`}>
            {poll.options.map(({ id, text }) => (
              <label key={id} lang={poll.language} dir="auto">
                <input
                  type={poll.multiple ? 'checkbox' : 'radio'}
                  name={`vote-${poll.id}`}
                  required={!poll.multiple}
                  checked={chosen.includes(id)}
                  onChange={(event) => choose(id, event.currentTarget.checked)}
                />{' '}
                {text}
              </label>
            ))}
          </fieldset>
        </Form>
      )}
    </>
  )
}
