import { type ReadonlySignal, signal } from '@preact/signals'
import type { NewPoll, Poll, PollResults, PollShown } from '../api/types.ts'
import type { Entry } from '../meeting/entry.ts'
import type { PollFrame } from '../meeting/frames.ts'

/** A poll with what its reader may see of the result, and whether the reader has voted. */
export interface PollState {
  readonly poll: PollShown
  readonly results: PollResults | null
  readonly voted: boolean
  /** What was chosen, as far as it is known: nobody remembers it of an anonymous poll. */
  readonly choice: readonly string[]
}

/** The polls of a meeting, newest first. */
export interface PollList {
  readonly polls: ReadonlySignal<readonly PollState[]>
  take(frame: PollFrame): void
  /** A host has deleted it. */
  forget(id: string): void
  /** Reads them anew: at the beginning, and in another language. */
  load(): Promise<void>
  /** Makes a poll, and opens it when it is to be asked now. Throws FluentMeetError, as the others do. */
  ask(poll: NewPoll, now: boolean): Promise<void>
  open(id: string): Promise<void>
  close(id: string): Promise<void>
  remove(id: string): Promise<void>
  vote(id: string, options: readonly string[]): Promise<void>
  /** The result as a file. */
  csv(id: string): Promise<Response>
}

export function createPollList({ visit }: Pick<Entry, 'visit'>): PollList {
  const polls = signal<readonly PollState[]>([])

  function put(poll: PollShown, change: Partial<PollState>): void {
    const before = polls.value.find((state) => state.poll.id === poll.id)
    const state = { results: null, voted: false, choice: [], ...before, ...change, poll }
    polls.value = before
      ? polls.value.map((each) => (each.poll.id === poll.id ? state : each))
      : [state, ...polls.value].sort((a, b) => b.poll.created_at.localeCompare(a.poll.created_at))
  }

  function putOwn({ voted, your_vote, results_visible: _, ...poll }: Poll, change: Partial<PollState> = {}): void {
    put(poll, { voted, ...(your_vote ? { choice: your_vote } : {}), ...change })
  }

  function forget(id: string): void {
    polls.value = polls.value.filter(({ poll }) => poll.id !== id)
  }

  async function readResults(id: string): Promise<void> {
    const { poll, results } = await visit.call('GET /polls/{poll_id}/results', { params: { poll_id: id } })
    putOwn(poll, { results })
  }

  async function open(id: string): Promise<void> {
    putOwn(await visit.call('POST /polls/{poll_id}/open', { params: { poll_id: id } }))
  }

  return {
    polls,
    take({ poll, results }) {
      put(poll, results ? { results } : {})
    },
    async load() {
      const { polls: all } = await visit.call('GET /meetings/{room_code}/polls', { params: visit.room })
      for (const poll of all) putOwn(poll)
      const visible = all.filter(({ results_visible, status }) => results_visible && status !== 'draft')
      await Promise.all(visible.map(({ id }) => readResults(id)))
    },
    async ask(poll, now) {
      const made = await visit.call('POST /meetings/{room_code}/polls', { params: visit.room, body: poll })
      putOwn(made)
      if (now) await open(made.id)
    },
    open,
    async close(id) {
      putOwn(await visit.call('POST /polls/{poll_id}/close', { params: { poll_id: id } }))
      await readResults(id)
    },
    async remove(id) {
      await visit.call('DELETE /polls/{poll_id}', { params: { poll_id: id } })
      forget(id)
    },
    forget,
    async vote(id, options) {
      await visit.call('POST /polls/{poll_id}/vote', { params: { poll_id: id }, body: { option_ids: [...options] } })
      polls.value = polls.value.map((state) =>
        state.poll.id === id ? { ...state, voted: true, choice: options } : state,
      )
    },
    csv: (id) => visit.request('GET /polls/{poll_id}/results', { params: { poll_id: id }, query: { format: 'csv' } }),
  }
}
