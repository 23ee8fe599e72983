import type { PollResults, PollShown, ServerFrame, Visit } from '../../clients/typescript/src/index.ts'
import { plain } from './screen.ts'

/** The polls of a meeting: told when they open and close, and voted in by number. */
export function createPolls(visit: Visit, print: (line: string) => void) {
  /** The last that was opened is voted in. */
  const open = new Map<string, PollShown>()

  function show(poll: PollShown): void {
    if (open.has(poll.id)) return
    open.set(poll.id, poll)
    const options = poll.options.map(({ text }, index) => `${index + 1}) ${plain(text)}`)
    const how = poll.multiple ? '/vote <number> <number> …' : '/vote <number>'
    print(`? ${plain(poll.question)}  ${options.join('  ')}  [${how}]`)
  }

  function conclude({ id, question, options }: PollShown, results: PollResults | undefined): void {
    open.delete(id)
    const votes = (option: string) => results?.options.find((each) => each.id === option)?.votes ?? 0
    const counts = options.map((option) => `${plain(option.text)} ${votes(option.id)}`)
    print(`? ${plain(question)}  Closed${results ? `: ${counts.join(', ')}` : '.'}`)
  }

  return {
    take(frame: ServerFrame): void {
      if (frame.type === 'poll.opened') show(frame.poll)
      else if (frame.type === 'poll.closed') conclude(frame.poll, frame.results)
    },
    /** Tells of those that were open before one came. Throws FluentMeetError. */
    async load(): Promise<void> {
      const { polls } = await visit.call('GET /meetings/{room_code}/polls', { params: visit.room })
      for (const poll of polls.toReversed()) if (poll.status === 'open') show(poll)
    },
    /** Throws FluentMeetError. */
    async vote(numbers: readonly string[]): Promise<string> {
      const poll = [...open.values()].at(-1)
      const chosen = numbers.map((number) => poll?.options[Number(number) - 1])
      const option_ids = chosen.flatMap((option) => option?.id ?? [])
      if (!poll || option_ids.length === 0 || option_ids.length < numbers.length)
        return '! There is nothing of that number to vote for.'
      await visit.call('POST /polls/{poll_id}/vote', { params: { poll_id: poll.id }, body: { option_ids } })
      return `* You voted for ${chosen.map((option) => plain(option?.text)).join(', ')}.`
    },
  }
}
