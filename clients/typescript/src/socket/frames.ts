import type { ClientMessages, ServerMessages } from '../generated/api.ts'

/** What a client may send. */
export type ClientFrame = ClientMessages[keyof ClientMessages]
/** What a server sends. */
export type ServerFrame = ServerMessages[keyof ServerMessages]
export type ErrorFrame = ServerMessages['error']

/** Room events are numbered, over all connections of all who are there. */
export const seqOf = (frame: ServerFrame): number | undefined =>
  frame.type !== 'welcome' && 'seq' in frame ? frame.seq : undefined
