import type { ApiKeysRepository, KeyUse } from '../../repositories/api-keys.ts'

/** How often uses are written: each key at most once in this time, by each process. */
const WRITTEN_MS = 60_000
const MAX_NOTED = 10_000
/** Keys in one statement. */
const BATCH = 500

export interface KeyUsesOptions {
  apiKeys: Pick<ApiKeysRepository, 'noteUses'>
  log: { warn(fields: object, message: string): void }
  now: () => Date
}

/** When and from where keys were last used: noted in memory, written together, so that no request waits for it. */
export function createKeyUses({ apiKeys, log, now }: KeyUsesOptions) {
  let noted = new Map<string, KeyUse>()
  let writing: Promise<void> = Promise.resolve()
  const timer = setInterval(() => void write(), WRITTEN_MS)
  timer.unref()

  function write(): Promise<void> {
    writing = writing.then(async () => {
      const uses = [...noted.values()]
      noted = new Map()
      for (let start = 0; start < uses.length; start += BATCH) {
        try {
          await apiKeys.noteUses(uses.slice(start, start + BATCH))
        } catch (err) {
          // The next round writes them; what was noted since is newer.
          const rest = uses.slice(start).map((use) => [use.id, use] as const)
          noted = new Map([...rest, ...noted])
          log.warn({ err }, 'the last uses of API keys could not be written')
          return
        }
      }
    })
    return writing
  }

  return {
    note(id: string, address: string): void {
      if (!noted.has(id) && noted.size >= MAX_NOTED) return
      noted.set(id, { id, at: now(), address })
    },
    /** Writes what is noted. Never throws. */
    write,
    async close(): Promise<void> {
      clearInterval(timer)
      await write()
    },
  }
}
