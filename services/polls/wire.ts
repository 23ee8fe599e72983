import type { PollTexts } from '../../repositories/poll-texts.ts'
import type { PollRecord } from '../../repositories/polls.ts'
import type { SignedVote } from '../../repositories/voters.ts'
import type { PollTally } from '../../repositories/votes.ts'
import type { PollResults, PollShown } from '../../schemas/polls.ts'
import { baseLanguage } from '../translation.ts'

/** A poll in nobody's language: what everybody's is made from. */
export type PollSource = Omit<PollShown, 'question' | 'options' | 'language' | 'translation'> & {
  readonly options: readonly { readonly id: string; readonly source_text: string }[]
}

/** An event of a room about a poll: each reader gets the poll in its language, and the results if it may see them. */
export interface PollEvent {
  readonly type: 'poll.opened' | 'poll.updated' | 'poll.closed'
  readonly poll: PollSource
  /** By ISO 639-1 language; null where it could not be translated. The poll's own language is not among them. */
  readonly texts: PollTexts
  readonly tally: PollResults
  readonly tally_for: 'everybody' | 'hosts'
}

export const isPollEvent = (event: { readonly type: string }): boolean =>
  event.type === 'poll.opened' || event.type === 'poll.updated' || event.type === 'poll.closed'

export function toSource(record: PollRecord, roomCode: string): PollSource {
  const { id, status, multiple, anonymous, changeable, results } = record
  return {
    id,
    room_code: roomCode,
    source_language: record.language,
    source_question: record.question,
    options: record.options.map((option) => ({ id: option.id, source_text: option.text })),
    ...{ status, multiple, anonymous, changeable, results },
    created_at: record.created_at.toISOString(),
    opened_at: record.opened_at?.toISOString() ?? null,
    closed_at: record.closed_at?.toISOString() ?? null,
  }
}

/** The question, then each option, as they were asked. */
export const wordsOf = ({ source_question, options }: PollSource): string[] => [
  source_question,
  ...options.map(({ source_text }) => source_text),
]

/** The poll for one who reads `wanted`, a BCP 47 tag. What was not translated is shown as it was asked, all of it. */
export function toShown(source: PollSource, texts: PollTexts, wanted: string): PollShown {
  const base = baseLanguage(wanted)
  const isOwn = baseLanguage(source.source_language) === base
  const translated = !isOwn && Object.hasOwn(texts, base) ? texts[base] : null
  const words = translated ?? wordsOf(source)
  const { options, ...rest } = source
  return {
    ...rest,
    question: words[0] ?? source.source_question,
    options: options.map((option, i) => ({ ...option, text: words[i + 1] ?? option.source_text })),
    language: translated ? base : source.source_language,
    translation: isOwn ? 'original' : translated ? 'translated' : 'untranslated',
  }
}

/** What is counted. `signed` are the votes with their names; null where they are not told. */
export function toResults(
  poll: Pick<PollRecord, 'id' | 'options' | 'status'>,
  tally: PollTally | undefined,
  signed: readonly SignedVote[] | null,
): PollResults {
  const votersOf = (optionId: string) =>
    signed
      ?.filter(({ option_ids }) => option_ids.includes(optionId))
      .map(({ voter_id, display_name }) => ({ participant_id: voter_id, display_name }))
  const options = poll.options.map(({ id }) => {
    const voters = votersOf(id)
    return { id, votes: voters?.length ?? tally?.counts.get(id) ?? 0, ...(voters ? { voters } : {}) }
  })
  return {
    poll_id: poll.id,
    final: poll.status === 'closed',
    voter_count: signed?.length ?? tally?.voters ?? 0,
    options,
  }
}
