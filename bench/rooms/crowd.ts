import { setTimeout as sleep } from 'node:timers/promises'
import type { RoomSideName } from './sides.ts'
import { type Client, openClient, type Place } from './sockets.ts'

// All clients of a room, in a process of their own.

export type Asked =
  | { readonly open: readonly Place[]; readonly side: RoomSideName }
  | { readonly captions: number; readonly text: string; readonly pauseMs?: number }
  | { readonly close: true }

/** Between one caption and the next. */
const PAUSE_MS = 5
/** How many sockets open at the same time. */
const OPENING = 10
const PATIENCE_MS = 30_000
/** They take turns, as a socket may say 120 things a minute. */
const SPEAKERS = 100

const clients: Client[] = []
let said = 0
let missing = 0
let frameBytes = 0
let everybodyHasIt: (() => void) | null = null
let sayIt: (() => void) | null = null

async function open(side: RoomSideName, places: readonly Place[]): Promise<void> {
  const waiting = places.entries()
  const made: Client[] = []
  const lane = async () => {
    for (const [i, place] of waiting) {
      const client = await openClient(side, place)
      client.listen({
        caption(id, bytes) {
          if (id !== `c${said}`) return
          frameBytes = bytes
          missing -= 1
          if (missing === 0) everybodyHasIt?.()
        },
        // Said again, as our own clients do while Redis does not answer; the time goes on.
        refused: (id) => id === `c${said}` && sayIt?.(),
      })
      made[i] = client
    }
  }
  await Promise.all(Array.from({ length: OPENING }, lane))
  clients.push(...made)
}

/** One client speaks; milliseconds until the last one, itself included, has it. */
async function caption(text: string): Promise<number> {
  said += 1
  missing = clients.length
  const done = new Promise<void>((resolve) => {
    everybodyHasIt = resolve
  })
  const patience = AbortSignal.timeout(PATIENCE_MS)
  const started = performance.now()
  sayIt = () => clients[said % Math.min(SPEAKERS, clients.length)]?.say(`c${said}`, text)
  sayIt()
  await Promise.race([done, new Promise((_, reject) => patience.addEventListener('abort', reject))]).catch(() => {
    throw new Error(`${missing} of ${clients.length} sockets did not get a caption`)
  })
  return performance.now() - started
}

async function act(asked: Asked): Promise<object> {
  if ('open' in asked) await open(asked.side, asked.open)
  else if ('captions' in asked) {
    const times: number[] = []
    for (let i = 0; i < asked.captions; i++) {
      times.push(await caption(`${asked.text} ${said}`))
      await sleep(asked.pauseMs ?? PAUSE_MS)
    }
    return { times, frame_bytes: frameBytes }
  } else for (const client of clients.splice(0)) client.close()
  return {}
}

process.on('message', (asked: Asked) => {
  act(asked).then(
    (answer) => process.send?.(answer),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.once('disconnect', () => process.exit())
