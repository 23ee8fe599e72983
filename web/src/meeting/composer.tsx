import { useEffect, useId, useState } from 'preact/hooks'
import { useApp } from '../app-context.ts'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'

const MAX_LENGTH = 2000

/** Typing what one has to say. What is sent without a connection goes out with the next. */
export function Composer() {
  const { t } = useApp()
  const { model } = useMeeting()
  const id = useId()
  const [text, setText] = useState('')
  const [refused, setRefused] = useState(false)
  const lines = model.lines.waiting.value.length
  // One on its way is nothing to tell of.
  const waiting = model.status.value === 'online' && lines === 1 ? 0 : lines
  const returned = model.lines.returned.value

  useEffect(() => {
    if (returned === null) return
    setText((typed) => (typed === '' ? returned : typed))
    model.lines.takeBack()
  }, [returned, model])

  function send(): void {
    if (text.trim() === '') return
    const taken = model.lines.say(text.trim())
    setRefused(!taken)
    if (taken) setText('')
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <label class="visually-hidden" for={id}>
        {t('meeting.message')}
      </label>
      <input
        id={id}
        value={text}
        maxLength={MAX_LENGTH}
        placeholder={t('meeting.message')}
        lang={model.people.me.value.speaking_language}
        dir="auto"
        autocomplete="off"
        enterkeyhint="send"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" class="button">
        {t('meeting.send')}
      </button>
      <Notice kind="bad">{refused && t('meeting.tooMuch')}</Notice>
      <Notice>{waiting > 0 && t('meeting.waitingLines', { count: waiting })}</Notice>
    </form>
  )
}
