import type { Entry, Outcome } from './entry.ts'

export interface MeetingProps {
  entry: Entry
  onOver(outcome: Outcome): void
}

/** The meeting itself, from the lobby to the end. */
export function Meeting({ entry }: MeetingProps) {
  return <p>{entry.joined.participant.display_name}</p>
}
