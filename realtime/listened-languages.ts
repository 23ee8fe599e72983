import { LRUCache } from 'lru-cache'
import type { Presence } from '../state/presence.ts'
import type { State } from '../state/state.ts'

const MAX_ROOMS = 1_000
/** How long a word that something has changed may be missed. */
const REMEMBERED_MS = 5_000

/** What each room listens to. */
export interface ListenedLanguages extends Pick<Presence, 'listening'> {
  /** Something has changed: it is asked again. Call for each event that tells of a participant. */
  forget(roomId: string): void
}

/**
 * Remembers what a room listens to while nobody's language changes, so that not every caption asks. What a caption is made without is
 * added by the process of who wants it (room.ts), so that it does no harm to be late by an event.
 */
export function createListenedLanguages({
  presence,
  status,
}: {
  presence: Pick<Presence, 'listening'>
  status: State['status']
}): ListenedLanguages {
  const known = new LRUCache<string, Promise<string[]>>({ max: MAX_ROOMS, ttl: REMEMBERED_MS })

  return {
    listening(roomId) {
      // While Redis is away nothing can be said: that shows here, before anybody is charged.
      const remembered = status() === 'up' ? known.get(roomId) : undefined
      if (remembered) return remembered
      const asked = presence.listening(roomId)
      known.set(roomId, asked)
      asked.catch(() => known.get(roomId) === asked && known.delete(roomId))
      return asked
    },
    forget: (roomId) => void known.delete(roomId),
  }
}
