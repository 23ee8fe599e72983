import { ERASED_NAME } from '../../repositories/users.ts'
import { keptSince, type TranscriptsDeps } from './deps.ts'

type Deps = Pick<TranscriptsDeps, 'database' | 'captions' | 'transcriptRooms' | 'participants' | 'now'>

/** How many rows one statement touches. */
const ROWS_AT_ONCE = 1000
const ROOMS_AT_ONCE = 500

/** What takes captions, or the names on them, out of the database. */
export function createForgetting({ database, captions, transcriptRooms, participants, now }: Deps) {
  async function forgetWords(
    { id, deleted_words }: { id: string; deleted_words: string },
    tx?: Parameters<typeof captions.unname>[3],
  ): Promise<void> {
    const step = () =>
      deleted_words === 'remove'
        ? captions.removeOf(id, ROWS_AT_ONCE, tx)
        : captions.unname(id, ERASED_NAME, ROWS_AT_ONCE, tx)
    while ((await step()) === ROWS_AT_ONCE);
  }

  return {
    /**
     * Takes a user's name out of every room, and what it said as each room's `deleted_words` says. Also what is still on its way to the
     * database: its writer finds the participant without a user. May be done again when it was cut short.
     */
    async forgetUser(userId: string): Promise<void> {
      // The bulk of it first, a little at a time.
      for (const participation of await transcriptRooms.participationsOf(userId)) await forgetWords(participation)
      await database.transaction(async (tx) => {
        // From here on writers wait; what they wrote in between is found here.
        for (const participation of await transcriptRooms.participationsOf(userId, tx))
          await forgetWords(participation, tx)
        await participants.anonymise(userId, ERASED_NAME, tx)
      })
    },

    /** Erases what rooms no longer keep. */
    async purge(): Promise<void> {
      const at = now()
      let after: string | null = null
      do {
        const { rooms, next } = await transcriptRooms.overdue(after, at, ROOMS_AT_ONCE)
        for (const room of rooms) {
          while ((await captions.removeBefore(room.id, keptSince(room, at), ROWS_AT_ONCE)) === ROWS_AT_ONCE);
        }
        after = next
      } while (after !== null)
    },
  }
}
