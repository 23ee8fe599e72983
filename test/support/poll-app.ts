import type { Test } from 'tap'
import type { Overrides } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { Translator } from '../../pipeline/translator.ts'
import type { Poll, PollResults, PollResultsAnswer, PollShown } from '../../schemas/polls.ts'
import type { Backend } from './backends.ts'
import { send } from './client.ts'
import { listen, type MeetingApp } from './meeting-app.ts'
import type { Frame, TestSocket } from './socket-client.ts'
import { openRedisState } from './states.ts'

/** What is answered, with whatever of an error body there is. */
export type Answered<T> = T & { code?: string; message?: string; details?: { field: string; message: string }[] }
export interface Called<T> {
  status: number
  headers: Headers
  body: Answered<T>
}

export type PollFrame = Frame & { poll: PollShown; results?: PollResults }
export const isPoll = ({ type }: Frame): boolean => type.startsWith('poll.')

/** The next frame of a type about a poll; with as many voters, where they are told. */
export async function about(socket: TestSocket, type: string, id: string, voters?: number): Promise<PollFrame> {
  const isIt = (frame: Frame) => {
    const { poll, results } = frame as PollFrame
    return frame.type === type && poll.id === id && (voters === undefined || results?.voter_count === voters)
  }
  return (await socket.next(isIt)) as PollFrame
}

export const TEA = { question: 'Tea or coffee?', options: ['Tea', 'Coffee', 'Neither'] }

/** An engine that says which language it translated to; from English to Spanish and French. */
export function markingTranslator() {
  const requests: { text: string; target: string }[] = []
  const translator: Translator = {
    name: 'marking',
    pairs: () => ['es', 'fr'].map((target) => ({ source: 'en', target, engine: 'marking' })),
    async translate({ text, target }) {
      requests.push({ text, target })
      if (text.includes('cannot')) throw new Error('nobody can')
      return { text: `${text} in ${target}`, engine: 'marking' }
    },
    close: async () => undefined,
  }
  return { translator, requests }
}

/** Calls on polls at one app. */
export function pollCalls({ base }: Pick<MeetingApp, 'base'>) {
  const call = async <T>(method: string, path: string, token: string | undefined, body?: unknown) =>
    (await send(base, method, `/api/v1${path}`, {
      ...(token === undefined ? {} : { token }),
      ...(body === undefined ? {} : { body }),
    })) as unknown as Called<T>
  const ask = (code: string, token: string, poll: object = {}) =>
    call<Poll>('POST', `/meetings/${code}/polls`, token, { ...TEA, ...poll })
  const open = (id: string, token: string) => call<Poll>('POST', `/polls/${id}/open`, token)
  return {
    call,
    ask,
    open,
    list: (code: string, token: string) => call<{ polls: Poll[] }>('GET', `/meetings/${code}/polls`, token),
    close: (id: string, token: string) => call<Poll>('POST', `/polls/${id}/close`, token),
    remove: (id: string, token: string) => call<object>('DELETE', `/polls/${id}`, token),
    vote: (id: string, token: string | undefined, ...option_ids: string[]) =>
      call<object>('POST', `/polls/${id}/vote`, token, { option_ids }),
    results: (id: string, token: string) => call<PollResultsAnswer>('GET', `/polls/${id}/results`, token),
    async csv(id: string, token: string) {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${base}/api/v1/polls/${id}/results?format=csv`, { headers })
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
    /** An open poll; its id. */
    async opened(code: string, token: string, poll: object = {}): Promise<string> {
      const made = await ask(code, token, poll)
      if (made.status !== 201) throw new Error(`asking answered ${made.status}: ${JSON.stringify(made.body)}`)
      const answer = await open(made.body.id, token)
      if (answer.status !== 200) throw new Error(`opening answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      return made.body.id
    },
    /** What is counted, `[voters, votes for 1, for 2, …]`. */
    async counts(id: string, token: string): Promise<number[]> {
      const { body } = await call<PollResultsAnswer>('GET', `/polls/${id}/results`, token)
      return [body.results.voter_count, ...body.results.options.map(({ votes }) => votes)]
    },
  }
}

/** A listening app on a backend, with an engine that marks what it translates, and calls on its polls. */
export async function openPollApp(
  t: Test,
  backend: Backend,
  config: Partial<Config> = {},
  overrides: Partial<Overrides> = {},
) {
  const urls = await backend.open(t)
  const state = urls.redisUrl ? { state: await openRedisState(t, urls.redisUrl) } : {}
  const { translator, requests } = markingTranslator()
  const app = await listen(t, { ...urls, ...config }, { ...state, translator, ...overrides })
  return { ...app, ...pollCalls(app), requests, urls }
}
