import { DatabaseUnavailableError } from '../repositories/database.ts'
import type { RoomEvent } from '../state/room-events.ts'
import type { State } from '../state/state.ts'
import { type ClaimedRoom, SAVE_DELAY_MS, type Unsaved } from '../state/unsaved.ts'

/** A little after the rooms marked here are due. */
const WAKE_MS = SAVE_DELAY_MS + 50
/** How often every process looks for rooms whose own process is gone, or that are due once more. */
const POLL_MS = 2_000
const EVENTS_AT_ONCE = 200
const ROOMS_AT_ONCE = 4
/** A room that was not appended to here for so long is whoever's finds it. */
const RECENT_MS = 30_000
const CLOSE_MS = 5_000

export interface TranscriptWorkerOptions {
  state: Pick<State, 'unsaved' | 'onRecovered'>
  /** Writes what of a room's events is to be kept; may be done any number of times. Throws DatabaseUnavailableError. */
  write: (roomId: string, events: readonly RoomEvent[]) => Promise<void>
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
}

export type TranscriptWorker = ReturnType<typeof createTranscriptWorker>

/**
 * Brings captions from the rooms' logs into the database, behind the back of those who speak. Every process runs one: a room is saved
 * by one at a time, and by another when that one is gone.
 */
export function createTranscriptWorker({ state, write, log }: TranscriptWorkerOptions) {
  const unsaved: Unsaved = state.unsaved
  /** Rooms appended to here, and when: what this process saves before it ends. */
  const recent = new Map<string, number>()
  /** Rooms appended to while they could not be marked: nobody else knows of them. */
  const unmarked = new Set<string>()
  const saving = new Map<string, Promise<void>>()
  const following = new Map<string, Promise<void>>()
  let running: Promise<void> | undefined
  let waking: NodeJS.Timeout | undefined
  let closed = false

  /** Reads to the end of the room's log. Only the last step moves the mark, so whatever is cut short is done again. */
  async function saveAll(roomId: string): Promise<void> {
    for (let more = true; more; ) {
      const page = await unsaved.read(roomId, EVENTS_AT_ONCE)
      if (page.lost) log.warn({ room_id: roomId, saved_seq: page.savedSeq }, 'captions went before they were saved')
      const last = page.events.at(-1)
      if (!last) return
      await writeAll(roomId, page.events)
      await unsaved.saved(roomId, last.seq)
      more = page.more
    }
  }

  /** One event that cannot be written does not keep back the others. */
  async function writeAll(roomId: string, events: readonly RoomEvent[]): Promise<void> {
    try {
      await write(roomId, events)
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error
      for (const event of events) await writeOne(roomId, event)
    }
  }

  async function writeOne(roomId: string, event: RoomEvent): Promise<void> {
    try {
      await write(roomId, [event])
    } catch (err) {
      if (err instanceof DatabaseUnavailableError) throw err
      log.error({ err, room_id: roomId, seq: event.seq }, 'a caption could not be saved')
    }
  }

  function start(roomId: string): Promise<void> {
    const work = saveAll(roomId).finally(() => saving.delete(roomId))
    saving.set(roomId, work)
    return work
  }

  /** Saves everything that is in the log now: a save that is under way may have read it before, so another follows. */
  function save(roomId: string): Promise<void> {
    const current = saving.get(roomId)
    if (!current) return start(roomId)
    const known = following.get(roomId)
    if (known) return known
    const next = current
      .catch(() => undefined)
      .then(() => {
        following.delete(roomId)
        return start(roomId)
      })
    following.set(roomId, next)
    return next
  }

  async function take(room: ClaimedRoom): Promise<void> {
    await save(room.roomId)
    await unsaved.release(room)
  }

  async function saveDue(): Promise<void> {
    try {
      for (const roomId of unmarked) {
        await save(roomId)
        unmarked.delete(roomId)
      }
      for (let rooms = await claim(); rooms.length > 0; rooms = await claim()) {
        const results = await Promise.allSettled(rooms.map(take))
        for (const result of results) if (result.status === 'rejected') throw result.reason
      }
    } catch (err) {
      // What was claimed is due again when its lease ends: here, or wherever the stores can be reached.
      log.warn({ err }, 'captions could not be saved yet')
    }
  }

  const claim = async () => (closed ? [] : unsaved.claim(ROOMS_AT_ONCE))

  /** Saves the rooms that are due. One run at a time. */
  function run(): Promise<void> {
    if (!closed) running ??= saveDue().finally(() => (running = undefined))
    return running ?? Promise.resolve()
  }

  function poll(): void {
    const before = performance.now() - RECENT_MS
    for (const [roomId, at] of recent) if (at < before) recent.delete(roomId)
    void run()
  }

  const polling = setInterval(poll, POLL_MS)
  polling.unref()
  state.onRecovered(() => void run())

  /** Saves a room as far as that can be done now. Never throws. */
  const saveNow = (roomId: string): Promise<void> =>
    save(roomId).catch((err: unknown) => log.warn({ err, room_id: roomId }, 'captions could not be saved yet'))

  return {
    run,
    saveNow,
    /** Something is about to be said in a room. Does not wait, and never throws. */
    mark(roomId: string): void {
      unsaved.mark(roomId).catch(() => unmarked.add(roomId))
    },
    /** It was said. */
    appended(roomId: string): void {
      recent.set(roomId, performance.now())
      if (closed || waking) return
      waking = setTimeout(() => {
        waking = undefined
        void run()
      }, WAKE_MS)
      waking.unref()
    },
    /** Nobody will say more. */
    ended(roomId: string): void {
      void saveNow(roomId)
    },
    /** Saves what was said here, as long as that does not take too long: what is left keeps its mark. */
    async close(): Promise<void> {
      closed = true
      clearInterval(polling)
      clearTimeout(waking)
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS)
      })
      const rest = async () => {
        await running
        await Promise.all(Array.from(recent.keys(), saveNow))
        await Promise.allSettled([...saving.values(), ...following.values()])
      }
      await Promise.race([rest(), late])
      clearTimeout(timer)
    },
  }
}
