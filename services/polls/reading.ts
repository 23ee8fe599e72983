import { AppError } from '../../errors.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import type { OwnVote } from '../../repositories/voters.ts'
import { MAX_POLLS, type Poll, type PollList, type PollResultsAnswer } from '../../schemas/polls.ts'
import { payerOf } from '../meeting-allowance.ts'
import type { Access } from '../meetings/access.ts'
import { type Principal, userIdOf } from '../principal.ts'
import { attachment } from '../transcripts/filename.ts'
import { type createPollAccess, requireReader } from './access.ts'
import { toCsv } from './csv.ts'
import type { PollsDeps } from './deps.ts'
import { type createResults, maySeeResults } from './results.ts'
import type { PollTextsService } from './texts.ts'
import { toShown, toSource } from './wire.ts'

const SEEN_BY_ALL = ['open', 'closing', 'closed'] as const

/** Polls and their results as one reader sees them. */
export function createReading(
  deps: PollsDeps,
  { access, pollAccess }: ReturnType<typeof createPollAccess>,
  { texts, results }: { texts: PollTextsService; results: ReturnType<typeof createResults> },
) {
  const { polls, voters, profileOf } = deps

  async function languageOf({ participant }: Access, principal: Principal): Promise<string> {
    if (participant) return participant.listening_language
    const userId = userIdOf(principal)
    const profile = userId === null ? null : await profileOf(userId)
    return profile?.listening_language ?? 'en'
  }

  async function shownAll(reader: Access, principal: Principal, records: readonly PollRecord[]): Promise<Poll[]> {
    const { room, participant, isHost } = reader
    const sources = records.map((record) => toSource(record, room.room_code))
    const language = await languageOf(reader, principal)
    const [words, own] = await Promise.all([
      texts.forReader(sources, room.id, language, payerOf(principal)),
      participant
        ? voters.ownVotes(
            records.map(({ id }) => id),
            participant.id,
          )
        : [],
    ])
    const ownOf = new Map<string, OwnVote>(own.map((vote) => [vote.poll_id, vote]))
    return records.map((record, i) => {
      const vote = ownOf.get(record.id)
      const source = sources[i] ?? toSource(record, room.room_code)
      return {
        ...toShown(source, words.get(record.id) ?? {}, language),
        voted: vote !== undefined,
        ...(vote?.option_ids ? { your_vote: [...vote.option_ids] } : {}),
        results_visible: maySeeResults(record, isHost),
      }
    })
  }

  async function shown(reader: Access, principal: Principal, record: PollRecord): Promise<Poll> {
    const [poll] = await shownAll(reader, principal, [record])
    if (!poll) throw new AppError('NOT_FOUND')
    return poll
  }

  /** Throws as for the poll, FORBIDDEN to whoever may not see its result, or not yet. */
  async function resultsFor(principal: Principal, pollId: string) {
    const found = await pollAccess(principal, pollId)
    requireReader(found)
    const { poll, isHost } = found
    if (!maySeeResults(poll, isHost)) {
      const isLater = poll.results === 'on_close'
      throw new AppError(
        'FORBIDDEN',
        isLater ? 'The result is shown when the poll is closed.' : 'The result is for hosts.',
      )
    }
    return { ...found, tally: await results.full(poll) }
  }

  return {
    shown,

    /** A room's polls, newest first; drafts for hosts alone. Throws NOT_FOUND, and FORBIDDEN to one who is not inside. */
    async list(principal: Principal, roomCode: string): Promise<PollList> {
      const reader = await access(principal, roomCode)
      requireReader(reader)
      const statuses = reader.isHost ? undefined : SEEN_BY_ALL
      const found = await polls.ofRoom(reader.room.id, { limit: MAX_POLLS, offset: 0, statuses })
      return { polls: await shownAll(reader, principal, found.polls) }
    },

    /** What is counted now. Throws NOT_FOUND, FORBIDDEN. */
    async results(principal: Principal, pollId: string): Promise<PollResultsAnswer> {
      const { tally, ...reader } = await resultsFor(principal, pollId)
      return { poll: await shown(reader, principal, reader.poll), results: tally }
    },

    /** The same as CSV, with the `Content-Disposition` of a download. */
    async csv(principal: Principal, pollId: string): Promise<{ disposition: string; text: string }> {
      const { room, poll, tally } = await resultsFor(principal, pollId)
      const disposition = attachment(room.name, 'csv', 'poll')
      return { disposition, text: toCsv(toSource(poll, room.room_code), tally) }
    },
  }
}
