import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Entry, Outcome } from './entry.ts'
import type { MeetingModel } from './model.ts'

/** What every part of a meeting's page needs. */
export interface MeetingContext {
  readonly entry: Entry
  readonly model: MeetingModel
  over(outcome: Outcome): void
}

export const MeetingContext = createContext<MeetingContext | null>(null)

export function useMeeting(): MeetingContext {
  const meeting = useContext(MeetingContext)
  if (!meeting) throw new Error('no MeetingContext above this component')
  return meeting
}
