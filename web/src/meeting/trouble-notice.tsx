import { FluentMeetError } from '../api/client.ts'
import { useApp } from '../app-context.ts'
import { errorText } from '../ui/form.tsx'
import { Notice } from '../ui/notice.tsx'
import { useMeeting } from './meeting-context.ts'

/** What the server refused on the socket, in words. */
export function TroubleNotice() {
  const { t, i18n } = useApp()
  const { trouble, forgetTrouble } = useMeeting().model
  const frame = trouble.value
  const isSpeech = frame?.ref === 'audio.start' && frame.code !== 'RATE_LIMIT_EXCEEDED'
  const text =
    frame && (isSpeech ? t('meeting.trouble.speech') : errorText(i18n, new FluentMeetError(400, { code: frame.code })))
  return (
    <Notice kind="bad">
      {text && (
        <>
          {text}{' '}
          <button type="button" class="link" onClick={forgetTrouble}>
            {t('action.close')}
          </button>
        </>
      )}
    </Notice>
  )
}
