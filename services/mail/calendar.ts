import ical, { ICalCalendarMethod } from 'ical-generator'

const HOUR_MS = 3_600_000

export interface CalendarEvent {
  /** Stable: a second mail about the same meeting updates the entry of the first. */
  uid: string
  name: string
  /** The link into the room. */
  url: string
  start: Date
  /** When this was written. */
  stamp: Date
  organizer: { name: string; email: string }
}

/** An iCalendar file (RFC 5545, PUBLISH as RFC 5546 wants it) with one meeting of an hour, in UTC. */
export function calendarFile({ uid, name, url, start, stamp, organizer }: CalendarEvent): string {
  const calendar = ical({ prodId: { company: 'FluentMeet', product: 'FluentMeet', language: 'EN' } })
  calendar.method(ICalCalendarMethod.PUBLISH)
  const end = new Date(start.getTime() + HOUR_MS)
  calendar.createEvent({ id: uid, summary: name, description: url, url, location: url, start, end, stamp, organizer })
  return calendar.toString()
}
