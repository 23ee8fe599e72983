import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import { type Connection, type ConnectionDeps, SocketConnection } from './connection.ts'
import type { Admitted } from './ports.ts'

export interface ConnectionsDeps extends ConnectionDeps {
  /** Called once when a socket is gone. */
  onClosed(connection: Connection, code: number): void
  /** Called when a socket breaks, as by a frame that is none; then it is cut. */
  onFailed(connection: Connection, error: Error): void
}

/** The open sockets of a process. */
export interface Connections extends Iterable<Connection> {
  readonly size: number
  /** Wraps a socket and the connection under it. Listens at once, so that no early frame is lost; acts on frames from `start` on. */
  add(ws: WebSocket, raw: Duplex, admitted: Omit<Admitted, 'room'>): Connection
}

/** The listeners are there once, and know their connection by its socket: there are many thousand idle ones. */
export function createConnections(deps: ConnectionsDeps): Connections {
  const connections = new Map<WebSocket, SocketConnection>()

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    connections.get(this)?.receive(data, isBinary)
  }

  function onPong(this: WebSocket): void {
    connections.get(this)?.answered()
  }

  function onError(this: WebSocket, error: Error): void {
    const connection = connections.get(this)
    if (connection) deps.onFailed(connection, error)
    this.terminate()
  }

  function onClose(this: WebSocket, code: number): void {
    const connection = connections.get(this)
    if (!connection) return
    connections.delete(this)
    connection.end()
    deps.onClosed(connection, code)
  }

  return {
    add(ws, raw, admitted) {
      const connection = new SocketConnection(ws, raw, admitted, deps)
      connections.set(ws, connection)
      ws.on('message', onMessage).on('pong', onPong).on('error', onError).on('close', onClose)
      return connection
    },
    get size() {
      return connections.size
    },
    [Symbol.iterator]: () => connections.values(),
  }
}
