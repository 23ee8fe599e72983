import { once } from 'node:events'
import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'

/** socket.io with its Redis adapter, over WebSocket alone. */
export async function start({ redisUrl, frameBytes }) {
  const server = createServer()
  const io = new Server(server, {
    transports: ['websocket'],
    adapter: createAdapter(new Redis(redisUrl), new Redis(redisUrl)),
  })
  io.on('connection', (socket) => {
    socket.join('room')
    socket.on('say', ({ id, text }) => {
      const caption = { type: 'caption', id, text }
      io.to('room').emit('caption', {
        ...caption,
        text: text.padEnd(frameBytes - JSON.stringify(caption).length + text.length),
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
