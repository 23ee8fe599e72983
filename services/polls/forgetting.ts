import type { TranscriptRoomsRepository } from '../../repositories/transcript-rooms.ts'
import type { VotersRepository } from '../../repositories/voters.ts'
import type { PollsDeps } from './deps.ts'

/** How long votes that are on their way are waited for, and how far clocks may differ, milliseconds. */
const DRAIN_MS = 10_000
const SKEW_MS = 2_000

/** What becomes of a user's votes when the account is deleted. */
export function createVoteForgetting(deps: {
  transcriptRooms: Pick<TranscriptRoomsRepository, 'participationsOf'>
  voters: Pick<VotersRepository, 'removeOf'>
  drain: PollsDeps['drain']
}) {
  /**
   * As of its words: where a room removes them the votes with its name are taken back, elsewhere they count on, without the name. What was
   * counted anonymously stays: nobody knows which it was. Call when the user is in no room any more, while the participations are still
   * the user's.
   */
  return async (userId: string): Promise<void> => {
    const participations = await deps.transcriptRooms.participationsOf(userId)
    const removing = participations.filter(({ deleted_words }) => deleted_words === 'remove')
    if (removing.length === 0) return
    await deps.drain(`${Date.now() + SKEW_MS}-0`, DRAIN_MS)
    for (const { id } of removing) await deps.voters.removeOf(id)
  }
}
