import type { User } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { Form, useForm } from '../../ui/form.tsx'
import { LanguageSelect } from '../../ui/language-select.tsx'
import { Page } from '../../ui/page.tsx'
import type { Choices } from './choices.ts'
import { DeviceTrials } from './device-trials.tsx'
import { explainRefusal } from './explain.ts'
import { Who } from './who.tsx'

export interface DoorProps {
  user: User | null
  invited: boolean
  choices: Choices
  onChoices(change: (last: Choices) => Choices): void
  /** Throws FluentMeetError. */
  onJoin(): Promise<void>
}

/** Before a meeting: who one is, what one speaks and reads, and whether one is heard and seen. */
export function Door({ user, invited, choices, onChoices, onJoin }: DoorProps) {
  const { t } = useApp()
  const form = useForm((error) => {
    const key = explainRefusal(error, user === null)
    return key && t(key)
  })
  const change = (part: Partial<Choices>) => onChoices((last) => ({ ...last, ...part }))
  return (
    <Page title={t('join.title')}>
      <Form form={form} onSubmit={onJoin} action={t('join.action')}>
        <Who
          user={user}
          invited={invited}
          name={choices.name}
          onName={(name) => change({ name })}
          error={form.errors.display_name}
        />
        <LanguageSelect
          label={t('join.speaking')}
          value={choices.speaking}
          onValue={(speaking) => change({ speaking })}
        />
        <LanguageSelect
          label={t('join.listening')}
          value={choices.listening}
          onValue={(listening) => change({ listening })}
        />
        <DeviceTrials
          devices={choices.devices}
          onDevices={(next) => onChoices((last) => ({ ...last, devices: next(last.devices) }))}
        />
      </Form>
    </Page>
  )
}
