import type { MailJob, MailJobsRepository } from '../repositories/mail-jobs.ts'
import type { Delivered } from '../services/mail/delivery.ts'

const POLL_MS = 5000
/** Longer than any delivery takes: then the process that had the job is gone, and another takes it. */
const LEASE_MS = 120_000
const ATTEMPTS = 8
const FIRST_RETRY_MS = 10_000

export interface MailWorkerOptions {
  mailJobs: Pick<MailJobsRepository, 'claim' | 'putOff' | 'remove'>
  deliver: (job: MailJob) => Promise<Delivered>
  log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  now?: () => Date
}

export type MailWorker = ReturnType<typeof createMailWorker>

/** Sends queued mail: at once when woken, every few seconds otherwise. Any number of processes may run one. */
export function createMailWorker({ mailJobs, deliver, log, now = () => new Date() }: MailWorkerOptions) {
  let running: Promise<void> | undefined
  let again = false
  let closed = false

  const later = (milliseconds: number) => new Date(now().getTime() + milliseconds)

  async function attempt(job: MailJob): Promise<void> {
    const about = { mail: job.id, kind: job.kind, attempt: job.attempts }
    try {
      const outcome = await deliver(job)
      await mailJobs.remove(job.id)
      log.info({ ...about, outcome }, 'mail job done')
    } catch (err) {
      // The error of an SMTP server may quote the address: only its code is told.
      const reason = err instanceof Error && 'code' in err ? err.code : undefined
      if (job.attempts >= ATTEMPTS) {
        await mailJobs.remove(job.id)
        log.error({ ...about, reason }, 'mail given up')
      } else {
        await mailJobs.putOff(job.id, later(FIRST_RETRY_MS * 2 ** (job.attempts - 1)))
        log.warn({ ...about, reason }, 'mail not sent yet')
      }
    }
  }

  async function sendDue(): Promise<void> {
    try {
      do {
        again = false
        for (let job = await claim(); job; job = await claim()) await attempt(job)
      } while (again && !closed)
    } catch (err) {
      // The database is gone: the jobs are still there when it is back.
      log.warn({ err }, 'mail queue not readable')
    }
  }

  const claim = async () => (closed ? null : mailJobs.claim(now(), later(LEASE_MS)))

  /** Sends what is due; resolves when nothing is left. One run at a time: whoever asks meanwhile makes it look again. */
  function run(): Promise<void> {
    if (closed) return running ?? Promise.resolve()
    again = true
    running ??= sendDue().finally(() => {
      running = undefined
    })
    return running
  }

  const timer = setInterval(run, POLL_MS)
  timer.unref()

  return {
    run,
    /** Something was queued. Does not wait. */
    wake(): void {
      void run()
    },
    /** Takes no more jobs and waits for the one at hand. */
    async close(): Promise<void> {
      closed = true
      clearInterval(timer)
      await running
    },
  }
}
