import type { OneTimeLinks } from '../services/one-time-links.ts'
import type { Sessions } from '../services/sessions.ts'
import type { State } from '../state/state.ts'

const HOUR_MS = 3_600_000

export interface UpkeepOptions {
  sessions: Pick<Sessions, 'rewarm' | 'purge'>
  links: Pick<OneTimeLinks, 'purge'>
  state: Pick<State, 'onRecovered'>
  log: { warn(fields: object, message: string): void }
}

/** What keeps the stores in step: revocations that the shared state may have lost are told again, and what expired is deleted. */
export function createUpkeep({ sessions, links, state, log }: UpkeepOptions) {
  let running: Promise<void> = Promise.resolve()

  /** One task after the other; a store that is down is asked again next time. */
  function run(task: () => Promise<void>, what: string): Promise<void> {
    running = running.then(task).catch((err: unknown) => log.warn({ err }, what))
    return running
  }
  const rewarm = () => run(sessions.rewarm, 'revocations could not be told again')
  const timer = setInterval(() => {
    void run(sessions.purge, 'old sessions could not be deleted')
    void run(links.purge, 'old links could not be deleted')
  }, HOUR_MS)
  timer.unref()
  state.onRecovered(() => void rewarm())

  return {
    /** Resolves when this process knows which sessions are revoked. */
    start: rewarm,
    /** Waits for what is under way. */
    async close(): Promise<void> {
      clearInterval(timer)
      await running
    },
  }
}

export type Upkeep = ReturnType<typeof createUpkeep>
