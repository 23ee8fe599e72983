import type { RoomSettings } from '../../api/types.ts'

export const SWITCHES = ['allow_guests', 'lock_room', 'enable_transcription'] as const
export const WORDS = ['unname', 'remove'] as const

type Numbers = 'max_participants' | 'retention_days'

/** Settings as a form has them: numbers as they are typed. */
export type Draft = Omit<RoomSettings, Numbers> & Record<Numbers, string>

export function draftOf(settings: RoomSettings): Draft {
  return {
    ...settings,
    max_participants: String(settings.max_participants),
    retention_days: String(settings.retention_days),
  }
}

/** What the draft changes: a setting that another host changes meanwhile is not set back. */
export function settingsOf(draft: Draft, before: RoomSettings): Partial<RoomSettings> {
  const settings: RoomSettings = {
    ...draft,
    max_participants: numberOf(draft.max_participants),
    retention_days: numberOf(draft.retention_days),
  }
  const names = Object.keys(settings) as (keyof RoomSettings)[]
  return Object.fromEntries(
    names.filter((name) => settings[name] !== before[name]).map((name) => [name, settings[name]]),
  )
}

/** An empty field is no number, and not 0: the server refuses it. */
function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text)
}
