import type { ApiKeys } from '../services/api-keys.ts'
import type { InvitationLinks } from '../services/invitation-links.ts'
import type { Meetings } from '../services/meetings.ts'
import type { OneTimeLinks } from '../services/one-time-links.ts'
import type { Polls } from '../services/polls.ts'
import type { Sessions } from '../services/sessions.ts'
import type { Transcripts } from '../services/transcripts.ts'
import type { State } from '../state/state.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** After a start, or after Redis was gone, clients are still coming back: nobody is taken for absent yet. */
const SETTLING_MS = 2 * MINUTE_MS

export interface UpkeepOptions {
  sessions: Pick<Sessions, 'rewarm' | 'purge'>
  apiKeys: Pick<ApiKeys, 'rewarm' | 'purge'>
  links: Pick<OneTimeLinks, 'purge'>
  invitationLinks: Pick<InvitationLinks, 'purge'>
  meetings: Pick<Meetings, 'settleHostless'>
  transcripts: Pick<Transcripts, 'purge'>
  polls: Pick<Polls, 'settle'>
  state: Pick<State, 'onRecovered' | 'status'>
  log: { warn(fields: object, message: string): void }
  now?: () => Date
}

/**
 * What keeps the stores in step: revocations that the shared state may have lost are told again, what expired is deleted, rooms that
 * their hosts left alone are passed on or ended, and polls that were left in the middle are closed.
 */
export function createUpkeep(options: UpkeepOptions) {
  const { sessions, apiKeys, links, invitationLinks, meetings, transcripts, polls, state, log } = options
  const { now = () => new Date() } = options
  let settledAt = now().getTime() + SETTLING_MS
  let running: Promise<void> = Promise.resolve()

  /** One task after the other; a store that is down is asked again next time. */
  function run(task: () => Promise<void>, what: string): Promise<void> {
    running = running.then(task).catch((err: unknown) => log.warn({ err }, what))
    return running
  }
  async function rewarm(): Promise<void> {
    await run(sessions.rewarm, 'revocations could not be told again')
    await run(apiKeys.rewarm, 'revocations of API keys could not be told again')
  }
  const timer = setInterval(() => {
    void run(sessions.purge, 'old sessions could not be deleted')
    void run(apiKeys.purge, 'old API keys could not be deleted')
    void run(links.purge, 'old links could not be deleted')
    void run(invitationLinks.purge, 'old invitations could not be deleted')
    void run(transcripts.purge, 'old captions could not be deleted')
  }, HOUR_MS)
  timer.unref()
  const minutes = setInterval(() => {
    void settleHostless()
    void settlePolls()
  }, MINUTE_MS)
  minutes.unref()
  state.onRecovered(() => {
    settledAt = now().getTime() + SETTLING_MS
    void rewarm()
  })

  async function settleHostless(): Promise<void> {
    if (state.status() === 'down' || now().getTime() < settledAt) return
    await run(meetings.settleHostless, 'rooms without a host could not be settled')
  }

  /** Polls that a process began to close and did not finish. */
  async function settlePolls(): Promise<void> {
    if (state.status() !== 'down') await run(polls.settle, 'polls could not be closed')
  }

  return {
    /** What is done every minute. */
    settleHostless,
    /** Resolves when this process knows which sessions and keys are revoked. */
    start: rewarm,
    /** Waits for what is under way. */
    async close(): Promise<void> {
      clearInterval(timer)
      clearInterval(minutes)
      await running
    },
  }
}

export type Upkeep = ReturnType<typeof createUpkeep>
