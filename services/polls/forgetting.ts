import type { TranscriptRoomsRepository } from '../../repositories/transcript-rooms.ts'
import type { VotersRepository } from '../../repositories/voters.ts'

/** What becomes of a user's votes when the account is deleted. */
export function createVoteForgetting(deps: {
  transcriptRooms: Pick<TranscriptRoomsRepository, 'participationsOf'>
  voters: Pick<VotersRepository, 'removeOf'>
}) {
  /**
   * As of its words: where a room removes them the votes with its name are taken back, elsewhere they count on, without the name. What was
   * counted anonymously stays: nobody knows which it was. Call while the participations are still the user's.
   */
  return async (userId: string): Promise<void> => {
    for (const { id, deleted_words } of await deps.transcriptRooms.participationsOf(userId))
      if (deleted_words === 'remove') await deps.voters.removeOf(id)
  }
}
