import type { Redis } from 'ioredis'
import type { Clock } from '../state.ts'
import { ADMIT } from './scripts/admit.ts'
import { TAKE_DAILY } from './scripts/daily-use.ts'
import { ATTEMPT } from './scripts/failures.ts'
import { ACQUIRE, RENEW } from './scripts/leases.ts'
import * as presence from './scripts/presence.ts'
import { AFTER, append } from './scripts/room-events.ts'
import * as unsaved from './scripts/unsaved.ts'
import * as votes from './scripts/votes.ts'

/**
 * Every script, as a command of each connection: sent whole once, by its digest from then on. What one call touches is in one slot of
 * a cluster: its keys, and the channel that it publishes to, share a hash tag (keys.ts).
 */
const SCRIPTS = {
  fmAdmit: ADMIT,
  fmAttempt: ATTEMPT,
  fmTakeDaily: TAKE_DAILY,
  fmAcquireSocket: ACQUIRE,
  fmRenewSockets: RENEW,
  fmEnter: presence.ENTER,
  fmHold: presence.HOLD,
  fmLeave: presence.LEAVE,
  fmList: presence.LIST,
  fmSweep: presence.SWEEP,
  fmSetListening: presence.SET_LISTENING,
  fmListening: presence.LISTENING,
  fmAppend: append('PUBLISH'),
  fmAppendSharded: append('SPUBLISH'),
  fmAfter: AFTER,
  fmMarkUnsaved: unsaved.MARK,
  fmClaimUnsaved: unsaved.CLAIM,
  fmReleaseUnsaved: unsaved.RELEASE,
  fmReadUnsaved: unsaved.READ,
  fmMakeVoteGroup: votes.MAKE_GROUP,
  fmOpenPoll: votes.OPEN_POLL,
  fmAddVoters: votes.ADD_VOTERS,
  fmClosePoll: votes.CLOSE_POLL,
  fmAcceptVote: votes.ACCEPT_VOTE,
  fmAckVotes: votes.ACK_VOTES,
  fmBuryVotes: votes.BURY_VOTES,
  fmRemoveConsumers: votes.REMOVE_CONSUMERS,
  fmVotesBacklog: votes.VOTES_BACKLOG,
} as const

export type ScriptName = keyof typeof SCRIPTS
export type ScriptArgument = string | number

/** The scripts as ioredis takes them when a connection is made. */
export const scripts = Object.fromEntries(Object.entries(SCRIPTS).map(([name, lua]) => [name, { lua }]))

type Commands = Record<ScriptName, (...args: ScriptArgument[]) => Promise<unknown>>

/** Runs a script on the server that holds its keys. */
export function runScript(
  redis: Redis,
  name: ScriptName,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  return (redis as unknown as Commands)[name](keys.length, ...keys, ...args)
}

/** The clock argument of a script: empty, so that it asks Redis, unless a test gives the time. */
export function clockArgument(now: Clock | undefined): () => ScriptArgument {
  return now ? now : () => ''
}
