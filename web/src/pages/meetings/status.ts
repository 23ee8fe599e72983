import type { Room } from '../../api/types.ts'
import type { I18n } from '../../i18n/i18n.ts'

/** Whether a meeting is open, will be or was, and since when. */
export function statusText({ t, time }: Pick<I18n, 't' | 'time'>, room: Room): string {
  const at = { scheduled: room.scheduled_at, active: room.scheduled_at, ended: room.ended_at }[room.status]
  return t(`rooms.status.${room.status}`, { time: time(at ?? room.created_at) })
}
