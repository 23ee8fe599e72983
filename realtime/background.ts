import type { SocketLog } from './ports.ts'

/** Work beside the sockets. */
export interface Background {
  /** A failure of it is logged and goes no further. */
  track(work: Promise<unknown>): void
  /** Resolves when all the work there is, also what it led to, is done. */
  idle(): Promise<void>
}

export function createBackground(log: Pick<SocketLog, 'warn'>): Background {
  const running = new Set<Promise<void>>()
  return {
    track(work) {
      const done: Promise<void> = work
        .then(() => {})
        .catch((err: unknown) => log.warn({ err }, 'socket upkeep failed'))
        .finally(() => running.delete(done))
      running.add(done)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
