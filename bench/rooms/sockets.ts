import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { RoomSideName } from './sides.ts'

export interface Listeners {
  caption(id: string, bytes: number): void
  refused(id: string): void
}

/** One client of a side. */
export interface Client {
  say(id: string, text: string): void
  /** Tells of the id of each caption that comes, and of each that could not be said at the moment. */
  listen(listeners: Listeners): void
  close(): void
}

export interface Place {
  readonly port: number
  /** The path of the socket, and who opens it: for the sides that have such things. */
  readonly path?: string
  readonly token?: string
}

// Frames are not parsed whole: many clients share one process, and theirs is not the time that is measured.
const CAPTION_ID = /"id":"(c\d+)"/
const REFUSED = /^\{"type":"error","code":"SERVICE_UNAVAILABLE".*"ref":"(c\d+)"/

/** How long opening may take. */
const PATIENCE_MS = 20_000

/** Opens a socket, and resolves when it takes part in the room. */
export async function openClient(side: RoomSideName, place: Place): Promise<Client> {
  return side === 'socketio' ? openSocketIo(place) : openWebSocket(side, place)
}

async function openWebSocket(side: RoomSideName, { port, path = '/', token }: Place): Promise<Client> {
  const ws = await opened(side === 'fluentmeet', `ws://127.0.0.1:${port}${path}`, token)
  return {
    say: (id, text) => ws.send(JSON.stringify({ type: 'say', id, text })),
    listen: ({ caption, refused }) =>
      ws.on('message', (data: Buffer) => {
        const text = data.toString('latin1', 0, 200)
        const id = text.includes('"type":"caption"') ? CAPTION_ID.exec(text)?.[1] : undefined
        if (id !== undefined) return caption(id, data.length)
        const ref = REFUSED.exec(text)?.[1]
        if (ref !== undefined) refused(ref)
      }),
    close: () => ws.terminate(),
  }
}

/** A room that is entered by very many at once says now and then that one is to try again. */
async function opened(isOurs: boolean, url: string, token: string | undefined, tries = 10): Promise<WebSocket> {
  const headers = token ? { authorization: `Bearer ${token}` } : {}
  const ws = new WebSocket(url, isOurs ? ['fluentmeet.v1'] : [], { perMessageDeflate: false, headers })
  const patience = setTimeout(() => ws.terminate(), PATIENCE_MS)
  try {
    await new Promise<void>((resolve, reject) => {
      // What a room says first is its welcome.
      ws.once(isOurs ? 'message' : 'open', () => resolve())
      ws.on('error', reject)
      ws.once('close', (code) => reject(new Error(`The socket was closed with ${code}`)))
    })
    return ws
  } catch (error) {
    if (tries === 1) throw error
    await sleep(500)
    return opened(isOurs, url, token, tries - 1)
  } finally {
    clearTimeout(patience)
  }
}

async function openSocketIo({ port }: Place): Promise<Client> {
  const { connect } = (await import(String('./peers/socket-io-client.js'))) as {
    connect(url: string): Promise<SocketIo>
  }
  const socket = await connect(`http://127.0.0.1:${port}`)
  return {
    say: (id, text) => socket.emit('say', { id, text }),
    listen: ({ caption }) => socket.on('caption', ({ id, text }) => caption(id, text.length)),
    close: () => socket.disconnect(),
  }
}

/** What is used of socket.io's client, which is there only once it is installed. */
interface SocketIo {
  emit(event: 'say', message: { id: string; text: string }): void
  on(event: 'caption', listener: (message: { id: string; text: string }) => void): void
  disconnect(): void
}
