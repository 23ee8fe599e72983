import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import type { VoiceActivity } from '../pipeline/voice-activity.ts'
import { forgetRequest } from '../plugins/websocket.ts'
import { createAdmitter } from '../realtime/admission.ts'
import { createHub } from '../realtime/hub.ts'
import type { Timings } from '../realtime/limits.ts'
import { createListenedLanguages } from '../realtime/listened-languages.ts'
import { createSocketMetrics } from '../realtime/metrics.ts'
import type { Admission, Admitted, SocketMeetings } from '../realtime/ports.ts'
import { isHandshake } from '../realtime/upgrade.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { MeetingParams } from '../schemas/meetings.ts'
import type { ApiKeys } from '../services/api-keys.ts'
import { createCaptions } from '../services/captions.ts'
import type { MeetingAllowance } from '../services/meeting-allowance.ts'
import type { Metrics } from '../services/metrics.ts'
import type { Polls } from '../services/polls.ts'
import { userIdOf } from '../services/principal.ts'
import type { SpeechStage } from '../services/speech.ts'
import { createSpeechIn } from '../services/speech-in.ts'
import { createSpeechOut } from '../services/speech-out.ts'
import type { Tracing } from '../services/tracing.ts'
import type { Transcription } from '../services/transcription.ts'
import type { Translation } from '../services/translation.ts'
import type { State } from '../state/state.ts'

export interface MeetingSocketDeps {
  config: Pick<Config, 'allowedOrigins' | 'publicUrl' | 'maxSocketsPerUser'>
  state: State
  meetings: SocketMeetings
  polls: Pick<Polls, 'texts' | 'standing'>
  translation: Pick<Translation, 'caption' | 'expect' | 'serves' | 'languages'>
  transcription: Pick<Transcription, 'transcribe' | 'stream' | 'languages'>
  voiceActivity: (() => VoiceActivity) | null
  speech: Pick<SpeechStage, 'synthesize' | 'languages'>
  meetingAllowance: Pick<MeetingAllowance, 'charge'>
  apiKeys: Pick<ApiKeys, 'ends'>
  metrics: Pick<Metrics, 'registry' | 'captions' | 'limits'>
  tracing: Tracing
  now?: () => Date
  timings?: Partial<Timings>
}

/** The meeting socket. Every refusal is an ordinary HTTP answer before the upgrade. Needs plugins/websocket.ts. */
export const meetingSocketRoutes: FastifyPluginAsyncTypebox<MeetingSocketDeps> = async (app, deps) => {
  const { config, state, meetings, polls, translation, metrics, tracing, now, timings } = deps
  const { log } = app
  const { transcription, voiceActivity, meetingAllowance, apiKeys } = deps
  const { toParticipant } = meetings
  const listened = createListenedLanguages(state)
  const captions = createCaptions({
    ...{ presence: listened, roomEvents: state.roomEvents },
    ...{ translation, meetingAllowance, toParticipant, tracing },
    metrics: metrics.captions,
  })
  const speechIn = createSpeechIn({ transcription, voiceActivity, meetingAllowance, tracing })
  const admitter = createAdmitter({ config, state, meetings, log })
  /** Places that are being given back: the state must not close before. */
  const returning = new Set<Promise<void>>()
  const hub = createHub({
    state,
    meetings,
    captions,
    listened,
    polls,
    speechIn,
    speechOut: createSpeechOut({ speech: deps.speech }),
    meetingAllowance,
    apiKeys,
    languages: translation.languages,
    onGone: giveBack,
    log,
    metrics: createSocketMetrics(metrics.registry),
    tracing,
    ...(now ? { now } : {}),
    ...(timings ? { timings } : {}),
  })
  const admissions = new WeakMap<FastifyRequest['raw'], Admitted & { answer: FastifyReply['raw']; onClose(): void }>()

  app.addHook('preClose', async () => {
    await hub.close()
    await Promise.all(returning)
  })

  /** The place is held as long as the TCP connection lives, whether the upgrade comes about or not. */
  async function admit(request: FastifyRequest<{ Params: { room_code: string } }>, reply: FastifyReply): Promise<void> {
    const { headers, params, raw } = request
    if (!request.ws) {
      throw new AppError('MALFORMED_REQUEST', 'This address speaks WebSocket.', { headers: { upgrade: 'websocket' } })
    }
    if (!isHandshake(headers)) throw new AppError('MALFORMED_REQUEST', 'The WebSocket handshake is not valid.')
    if (hub.closing) throw new AppError('SERVICE_UNAVAILABLE')
    const { socket } = reply.raw
    const admitted = await admitter.admit({
      roomCode: params.room_code,
      origin: headers.origin,
      protocols: headers['sec-websocket-protocol'],
      principal: request.principal,
      address: request.ip,
    })
    const { admission } = admitted
    if (!socket || socket.destroyed) {
      await admitter.giveBack(admission)
      throw new AppError('MALFORMED_REQUEST', 'The client is gone.')
    }
    const onClose = () => giveBack(admission)
    socket.once('close', onClose)
    admissions.set(raw, { ...admitted, answer: reply.raw, onClose })
  }

  function giveBack(admission: Admission): void {
    const back: Promise<void> = admitter.giveBack(admission).finally(() => returning.delete(back))
    returning.add(back)
  }

  app.route({
    method: 'GET',
    url: '/ws/meetings/:room_code',
    exposeHeadRoute: false,
    config: { guard: 'optional', scope: 'meetings:write' },
    schema: {
      tags: ['meetings'],
      operationId: 'openMeetingSocket',
      summary: 'The meeting socket: subprotocols `fluentmeet.v1` and `ticket.<ticket>`',
      params: MeetingParams,
      response: {
        101: Type.Null({ description: 'The connection speaks `fluentmeet.v1` from here on' }),
        ...errorAnswers(
          'MALFORMED_REQUEST',
          'UNAUTHENTICATED',
          'TOKEN_EXPIRED',
          'TOKEN_REVOKED',
          'FORBIDDEN',
          'ORIGIN_NOT_ALLOWED',
          'ROOM_ENDED',
          'ROOM_FULL',
        ),
      },
    },
    preHandler: async (request, reply) => {
      try {
        await admit(request, reply)
      } catch (error) {
        const code = error instanceof AppError ? error.code : 'SERVICE_UNAVAILABLE'
        if (code === 'RATE_LIMIT_EXCEEDED') metrics.limits.refused('sockets')
        const user_id = userIdOf(request.principal)
        request.log.info({ event: 'socket.refused', code, user_id }, 'socket refused')
        throw error
      }
    },
    // Never reached: what is no upgrade was refused above.
    handler: async () => {
      throw new AppError('MALFORMED_REQUEST')
    },
    wsHandler(socket, request) {
      const admitted = admissions.get(request.raw)
      if (!admitted) return socket.close(1011)
      forgetRequest(socket, admitted.answer)
      // From here on the hub says when it is gone.
      request.raw.socket.off('close', admitted.onClose)
      hub.connect(socket, request.raw.socket, admitted)
    },
  })
}
