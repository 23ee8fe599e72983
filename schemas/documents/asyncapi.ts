import {
  AUDIO_FRAMES_PER_SECOND,
  BAD_FRAMES_PER_MINUTE,
  BINARY_BYTES,
  CONTROL_FRAMES_PER_MINUTE,
  MAX_TEXT_BYTES,
  TIMINGS,
} from '../../realtime/limits.ts'
import { SUBPROTOCOL } from '../../realtime/upgrade.ts'
import { RoomCode } from '../common.ts'
import { CLIENT_MESSAGES, SERVER_MESSAGES } from '../meeting-socket.ts'
import { CLOSE_CODES } from './close-codes.ts'
import { type NamedSchemas, sortedByName, takeOutNamed } from './components.ts'
import { audioMessage, type Message, messagesOf } from './socket-messages.ts'

/** The path of the meeting socket, as both documents name it. */
export const SOCKET_PATH = '/api/v1/ws/meetings/{room_code}'

const OPENING = `Subprotocols \`${SUBPROTOCOL}\` and \`ticket.<ticket>\`, with a ticket from \`POST /api/v1/meetings/{room_code}/ws-ticket\`; the
server answers with \`${SUBPROTOCOL}\` only. A client that can set headers may send \`Authorization: Bearer <access or guest token>\` in place of the
ticket, a machine \`X-API-Key\`. A refusal is an HTTP answer before the upgrade, with the error body: see \`GET ${SOCKET_PATH}\` in \`/openapi.json\`.`

const FRAMES = `Text frames are JSON objects with a \`type\`, ${MAX_TEXT_BYTES / 1024} KiB at most from a client. Binary frames are sound, ${BINARY_BYTES / 1024} KiB
at most. Room events carry \`seq\`, which grows within a room: a client that comes back sends \`resume\` with the last one it has. A client sends at
most ${CONTROL_FRAMES_PER_MINUTE} text frames a minute and ${AUDIO_FRAMES_PER_SECOND} binary frames a second; the ${BAD_FRAMES_PER_MINUTE}th refused frame of a minute ends the
connection. The server pings every ${TIMINGS.pingMs / 1000} s.`

/** The AsyncAPI 3.0 description of the meeting socket, from the schemas that it is validated with. `publicUrl`: where the server is. */
export function describeMeetingSocket({ publicUrl }: { publicUrl: string }): object {
  const { protocol, host } = new URL(publicUrl)
  const fromClient = {
    ...messagesOf('client', CLIENT_MESSAGES),
    'client.audio': audioMessage({
      summary: 'Sound after `audio.start`: 16-bit PCM, little-endian, mono, 16 kHz, in whole samples.',
    }),
  }
  const fromServer = {
    ...messagesOf('server', SERVER_MESSAGES),
    'server.audio': audioMessage({
      summary: 'Sound right behind a `speech` frame: 16-bit PCM, little-endian, mono, at its `sample_rate`.',
    }),
  }
  const schemas: NamedSchemas = {}
  const messages = takeOutNamed({ ...fromClient, ...fromServer }, schemas)
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'FluentMeet meeting socket',
      version: '1.0.0',
      description: 'Captions, people, polls and sound of a meeting, live. The calls over HTTP are in `/openapi.json`.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      externalDocs: { description: 'To read', url: `${publicUrl}/docs` },
    },
    defaultContentType: 'application/json',
    servers: {
      here: {
        host,
        protocol: protocol === 'https:' ? 'wss' : 'ws',
        security: [
          { $ref: '#/components/securitySchemes/ticket' },
          { $ref: '#/components/securitySchemes/bearer' },
          { $ref: '#/components/securitySchemes/api_key' },
        ],
      },
    },
    channels: { meeting: meetingChannel([...Object.keys(fromClient), ...Object.keys(fromServer)]) },
    operations: {
      receiveFromClient: operation('receive', 'What a client may send.', fromClient),
      sendToClient: operation('send', 'What the server sends.', fromServer),
    },
    components: { schemas: sortedByName(schemas), messages, securitySchemes: SECURITY },
  }
}

const SECURITY = {
  ticket: {
    type: 'httpApiKey',
    in: 'header',
    name: 'Sec-WebSocket-Protocol',
    description: 'The subprotocol `ticket.<ticket>`: single use, 30 seconds, bound to participant, room and Origin.',
  },
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An access or guest token.' },
  api_key: {
    type: 'httpApiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A key with the scope `meetings:write`, in place of a token.',
  },
}

/** For people; programs read `x-close-codes`. */
function closing(): string {
  const lines = CLOSE_CODES.map(
    ({ code, meaning, reconnect }) => `- ${code}: ${meaning}${reconnect ? ' Reconnect and resume.' : ''}`,
  )
  return ['Close codes:', '', ...lines].join('\n')
}

function meetingChannel(messages: readonly string[]): object {
  return {
    address: SOCKET_PATH,
    title: 'A meeting',
    description: [...[OPENING, FRAMES].map((text) => text.replaceAll('\n', ' ')), closing()].join('\n\n'),
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    parameters: { room_code: { description: 'From the join link', examples: RoomCode.examples } },
    bindings: { ws: { method: 'GET', bindingVersion: '0.1.0' } },
    'x-close-codes': CLOSE_CODES,
  }
}

function operation(action: 'send' | 'receive', summary: string, messages: Readonly<Record<string, Message>>): object {
  return {
    action,
    summary,
    channel: { $ref: '#/channels/meeting' },
    messages: Object.keys(messages).map((name) => ({ $ref: `#/channels/meeting/messages/${name}` })),
  }
}
