import { io } from 'socket.io-client'

/** Opens a connection of its own, over WebSocket alone. */
export async function connect(url) {
  const socket = io(url, { transports: ['websocket'], forceNew: true, reconnection: false })
  await new Promise((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}
