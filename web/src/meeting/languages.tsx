import { useApp } from '../app-context.ts'
import { LanguageSelect } from '../ui/language-select.tsx'
import { useMeeting } from './meeting-context.ts'

/** What one reads and what one speaks, changed at any moment. */
export function Languages() {
  const { t } = useApp()
  const { model } = useMeeting()
  const { listening_language, speaking_language } = model.people.me.value
  return (
    <section class="languages" aria-label={t('meeting.languages')}>
      <LanguageSelect
        label={t('meeting.iRead')}
        value={listening_language}
        onValue={(listening) => model.setLanguages({ listening })}
      />
      <LanguageSelect
        label={t('meeting.iSpeak')}
        value={speaking_language}
        onValue={(speaking) => model.setLanguages({ speaking })}
      />
    </section>
  )
}
