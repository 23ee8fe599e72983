import type { ServerResponse } from 'node:http'
import websocket from '@fastify/websocket'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import type { RawErrors } from './raw-errors.ts'

/** Binary frames are audio, 32 KiB at most; text is checked further in. */
const MAX_FRAME_BYTES = 32 * 1024

interface Options {
  protocol: string
  rawErrors: Pick<RawErrors, 'answer'>
}

const plugin: FastifyPluginAsync<Options> = async (app, { protocol, rawErrors }) => {
  await app.register(websocket, {
    options: {
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      // The hub knows them: it closes them with a reconnect hint when the server ends, and cuts off who does not go.
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
    },
    // Its own would close the sockets before the hub can say why.
    preClose: (done) => done(),
    errorHandler: (error, socket, request) => {
      request.log.error({ err: error }, 'a meeting socket failed')
      socket.terminate()
    },
  })
  // A handshake that `ws` refuses would otherwise be answered without our headers and body.
  app.websocketServer.on('wsClientError', (_error, socket) => rawErrors.answer(socket, 400))
}

/**
 * Lets go of the request that a socket began with, which Node and the plugin would keep as long as the socket stands: its answer is taken
 * off the connection, and nobody who knows the request listens for errors any more. Who takes the socket over listens at once.
 */
export function forgetRequest(ws: WebSocket, answer: ServerResponse): void {
  if (answer.socket) answer.detachSocket(answer.socket)
  ws.removeAllListeners('error')
}

/** WebSocket upgrades, dispatched through the whole request path before they are accepted. */
export default fp(plugin, { name: 'websocket' })
