import { firstWord, startWorker, type Worker } from '../processes.ts'
import type { openStand } from '../stand.ts'
import type { Asked } from './crowd.ts'
import type { RoomSideName } from './sides.ts'

type Stand = Awaited<ReturnType<typeof openStand>>

/** What a side has used so far. */
export interface Used {
  readonly cpu_us: number
  readonly rss_bytes: number
  readonly heap_bytes: number
  /** With what V8 counts outside of its heap. */
  readonly held_bytes: number
}

export interface Side {
  readonly port: number
  used(): Promise<Used>
  /** The same, with nothing in it that a collection can free. */
  settled(): Promise<Used>
  close(): Promise<void>
}

/** Starts a side of the comparison as a process of its own. */
export async function startSide(stand: Stand, name: RoomSideName, frameBytes = 0): Promise<Side> {
  const { redisUrl, databaseUrl, secret } = stand
  const options = JSON.stringify({ redisUrl, databaseUrl, secret, frameBytes })
  const worker = startWorker('rooms/side.ts', [name, options], ['--expose-gc'])
  const ended = endedAtLatest(stand, worker)
  const { port } = await firstWord<{ port: number }>(worker)
  return {
    port,
    used: () => worker.ask<Used>({}),
    settled: () => worker.ask<Used>({ settled: true }),
    close: ended,
  }
}

export interface Crowd {
  ask<T>(asked: Asked): Promise<T>
  close(): Promise<void>
}

/** Starts a process for the clients of a room. */
export function startCrowd(stand: Stand): Crowd {
  const worker = startWorker('rooms/crowd.ts')
  return { ask: worker.ask, close: endedAtLatest(stand, worker) }
}

/** Ends the worker when it is called, or with the stand. */
function endedAtLatest(stand: Stand, { child, close }: Worker): () => Promise<void> {
  const exited = new Promise<void>((resolve) => void child.once('exit', () => resolve()))
  const end = async () => {
    if (child.connected) close()
    await exited
  }
  stand.atEnd(end)
  return end
}
