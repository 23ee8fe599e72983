import type { CaptionRecord } from '../../repositories/captions.ts'
import type { TranscriptsDeps } from './deps.ts'

const PAGE = 500

/** Something a user said, for its export. */
export interface OwnWords {
  room_code: string
  room_name: string
  /** RFC 3339. */
  at: string
  language: string
  text: string
}

/** What a user said itself. */
export function createOwnWords({ captions, transcriptRooms }: Pick<TranscriptsDeps, 'captions' | 'transcriptRooms'>) {
  return {
    /** A user's own words wherever they are kept, room by room, oldest first; read in pages. Throws DatabaseUnavailableError. */
    async *ofUser(userId: string): AsyncGenerator<OwnWords, void> {
      let after: CaptionRecord | null = null
      for (;;) {
        const page: CaptionRecord[] = await captions.ofUser(userId, after, PAGE)
        const rooms = await transcriptRooms.named([...new Set(page.map(({ room_id }) => room_id))])
        for (const { room_id, at, language, text } of page) {
          const room = rooms.get(room_id)
          if (room) yield { room_code: room.room_code, room_name: room.name, at: at.toISOString(), language, text }
        }
        after = page.at(-1) ?? null
        if (page.length < PAGE) return
      }
    },
  }
}
