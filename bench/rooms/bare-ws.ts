import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { RoomSideOptions } from './sides.ts'

/**
 * What is least: each text that comes is read as JSON, goes through Redis's publish and subscribe to every process, and from each to all of
 * its sockets, made into a frame of the given size once.
 */
export async function start({ redisUrl, frameBytes }: RoomSideOptions): Promise<number> {
  const [publisher, subscriber] = [new Redis(redisUrl), new Redis(redisUrl)]
  const server = createServer()
  const sockets = new Set<WebSocket>()
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  wss.on('connection', (ws) => {
    sockets.add(ws)
    ws.on('message', (data: RawData) => {
      const { id, text } = JSON.parse(String(data)) as { id: string; text: string }
      void publisher.publish('room', JSON.stringify({ type: 'caption', id, text }))
    })
    ws.on('close', () => sockets.delete(ws))
  })
  await subscriber.subscribe('room')
  subscriber.on('message', (_channel: string, message: string) => {
    const frame = message.padEnd(frameBytes)
    for (const ws of sockets) ws.send(frame)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
