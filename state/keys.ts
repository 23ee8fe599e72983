import type { Subject } from './state.ts'

/*
 * Every Redis key and channel, named once. What one script touches shares a hash tag, so that it is in one slot of a Redis Cluster.
 */

/** `kind` is part of the name: a limit whose setting changes starts over under another key. */
export const limitKey = (subject: Subject, name: string, kind: string): string =>
  `fm:limit:{${subject}}:${name}:${kind}`
export const revokedKey = (subject: Subject, sessionId: string): string => `fm:revoked:{${subject}}:${sessionId}`
export const socketsKey = (subject: Subject): string => `fm:sockets:{${subject}}`
/** `digest`: the pair itself holds an address of a person. */
export const failuresKey = (digest: string): string => `fm:failures:{${digest}}`
export const ticketKey = (digest: string): string => `fm:ticket:{${digest}}`
export const dailyUseKey = (subject: Subject, kind: string): string => `fm:use:{${subject}}:${kind}`
export const cacheKey = (digest: string): string => `fm:cache:{${digest}}`

/** Who is present, which connections hold them there, what they listen to. */
export const presenceKeys = (roomId: string): [present: string, leases: string, listening: string] => [
  `fm:room:{${roomId}}:present`,
  `fm:room:{${roomId}}:leases`,
  `fm:room:{${roomId}}:listening`,
]
export const roomSeqKey = (roomId: string): string => `fm:room:{${roomId}}:seq`
export const roomEventsKey = (roomId: string): string => `fm:room:{${roomId}}:events`
/** The number up to which the room's events are saved. */
export const roomSavedKey = (roomId: string): string => `fm:room:{${roomId}}:saved`
export const roomChannel = (roomId: string): string => `fm:room:{${roomId}}`

/** Every revocation that still counts, by when it ends: what a process reads that was away. */
export const REVOCATIONS_KEY = 'fm:revocations'
export const REVOCATIONS_CHANNEL = 'fm:revocations'

/** Rooms whose events may not be saved yet: by when they are due, when they were marked, who has them. */
export const UNSAVED_KEYS: readonly [string, string, string] = [
  'fm:{unsaved}:due',
  'fm:{unsaved}:marks',
  'fm:{unsaved}:claims',
]

/** The stream `votes` with what is accepted and not counted, and `votes-dead` with what cannot be. One slot: the gate writes to it. */
export const VOTES_KEY = 'fm:{votes}'
export const DEAD_VOTES_KEY = 'fm:{votes}-dead'
export const ballotKey = (pollId: string): string => `fm:{votes}:poll:${pollId}`
