import type { FluentMeetError } from '../../api/client.ts'
import type { MessageKey } from '../../i18n/i18n.ts'

/** What a refusal means to somebody at the door of a meeting; null where the usual words will do. */
export function explainRefusal(error: FluentMeetError, isGuest: boolean): MessageKey | null {
  if (error.code === 'NOT_FOUND' || 'room_code' in error.fields) return 'join.noRoom'
  if ('invitation' in error.fields) return 'join.badInvitation'
  if (error.code === 'ROOM_FULL') return 'join.full'
  if (error.code === 'CONFLICT') return 'join.changed'
  if (error.code !== 'FORBIDDEN') return null
  // One code for two reasons: the server's words tell them apart.
  return isGuest && /guests/.test(error.message) ? 'join.noGuests' : 'join.putOut'
}
