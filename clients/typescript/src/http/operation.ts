import type { Operations } from '../generated/api.ts'

/** A call by its name, `POST /meetings`. */
export type OperationName = keyof Operations

/** What a call answers when it goes well. */
export type Answer<O extends OperationName> = Operations[O]['answer']

/** What a call sends as its body. */
export type Body<O extends OperationName> = Operations[O] extends { body?: infer B } ? NonNullable<B> : never

export interface RequestOptions {
  /** In place of the token that the calls have of themselves; null: none. */
  token?: string | null | undefined
  headers?: Readonly<Record<string, string>>
  /** Ends the call; it then throws `ABORTED`. */
  signal?: AbortSignal | undefined
  timeoutMs?: number | undefined
  /** How often to try again: after 429 any call, after 503 and without an answer those that only read. 0 unless it is said. */
  retries?: number | undefined
}

type Given<O extends OperationName> = Omit<Operations[O], 'answer'>
export type CallOptions<O extends OperationName> = Given<O> & RequestOptions
type Empty = Record<never, never>
/** The options may be left out where the call needs none. */
export type Rest<O extends OperationName> =
  Empty extends Given<O> ? [options?: CallOptions<O>] : [options: CallOptions<O>]

/** The options of any call, as they are sent. */
export interface AnyOptions extends RequestOptions {
  params?: object
  query?: object
  body?: object
}

/** Calls to one server, as one caller. They throw FluentMeetError. */
export interface Api {
  /** `https://meet.example.org`. */
  readonly baseUrl: string
  /** The answer: JSON as it is typed, else text, else a Blob. */
  call<O extends OperationName>(operation: O, ...rest: Rest<O>): Promise<Answer<O>>
  /** The response itself, when it is a good one: for what is no JSON, or is to be read bit by bit. */
  request<O extends OperationName>(operation: O, ...rest: Rest<O>): Promise<Response>
}

/** Method and path with query, behind `/api/v1`. Throws TypeError for a parameter that would lead to another path. */
export function addressOf(operation: string, { params = {}, query = {} }: AnyOptions): [method: string, path: string] {
  const [method = '', template = ''] = operation.split(' ')
  const values = new Map<string, unknown>(Object.entries(params))
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(values.get(name) ?? '')
    if (value === '' || value === '.' || value === '..') throw new TypeError(`"${value}" cannot be a ${name}.`)
    return encodeURIComponent(value)
  })
  const asked = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(Object.fromEntries(asked.map(([name, value]) => [name, String(value)])))
  return [method, asked.length > 0 ? `${path}?${search}` : path]
}
