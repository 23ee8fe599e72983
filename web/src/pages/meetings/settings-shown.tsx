import type { RoomSettings } from '../../api/types.ts'
import { useApp } from '../../app-context.ts'
import { SWITCHES } from './settings-draft.ts'

/** The settings of a meeting for whoever may not change them, or not any more. */
export function SettingsShown({ settings }: { settings: RoomSettings }) {
  const { t } = useApp()
  const rows = [
    ...SWITCHES.map((name) => [t(`settings.${name}`), t(settings[name] ? 'settings.yes' : 'settings.no')]),
    [t('settings.max_participants'), settings.max_participants],
    [t('settings.retention_days'), settings.retention_days],
    [t('settings.deleted_words'), t(`settings.deleted_words.${settings.deleted_words}`)],
  ]
  return (
    <dl class="settings-shown">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
