import type { PollResults } from '../../schemas/polls.ts'
import { csvLine } from '../csv.ts'
import type { PollSource } from './wire.ts'

/**
 * The result as CSV, in the words in which it was asked: one line an option and, where voters are named, one line a vote. An option that
 * nobody chose has a line as well.
 */
export function toCsv(poll: PollSource, results: PollResults): string {
  const { source_question: question } = poll
  const rows = results.options.flatMap(({ id, votes, voters }, i) => {
    const about = [question, id, poll.options[i]?.source_text ?? '', votes]
    if (!voters) return [about]
    if (voters.length === 0) return [[...about, '', '']]
    return voters.map(({ participant_id, display_name }) => [...about, participant_id, display_name])
  })
  const head = ['question', 'option_id', 'option', 'votes', ...(poll.anonymous ? [] : ['voter_id', 'voter'])]
  return [head, ...rows].map(csvLine).join('')
}
