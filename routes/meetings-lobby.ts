import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { AdmittedAll, MeetingParams, Participant, ParticipantParams, RejectedAll } from '../schemas/meetings.ts'
import type { Meetings } from '../services/meetings.ts'

const tags = ['meetings']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

/** Those who wait to be let in, as hosts decide about them. */
export const meetingLobbyRoutes: FastifyPluginAsyncTypebox<{ meetings: Meetings }> = async (app, { meetings }) => {
  app.post(
    '/meetings/:room_code/admit/:participant_id',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'admitParticipant',
        summary: 'Let in somebody who waits (host)',
        params: ParticipantParams,
        response: { 200: Participant, ...errorAnswers(...token, 'ROOM_FULL', 'ROOM_ENDED') },
      },
    },
    (request) => meetings.admit(principalOf(request), request.params.room_code, request.params.participant_id),
  )

  app.post(
    '/meetings/:room_code/reject/:participant_id',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'rejectParticipant',
        summary: 'Send away somebody who waits (host)',
        params: ParticipantParams,
        response: { 204: Type.Null(), ...errorAnswers(...token, 'CONFLICT', 'ROOM_ENDED') },
      },
    },
    async (request, reply) => {
      await meetings.reject(principalOf(request), request.params.room_code, request.params.participant_id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/meetings/:room_code/admit-all',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'admitAll',
        summary: 'Let in those who wait, oldest first, until the room is full (host)',
        params: MeetingParams,
        response: { 200: AdmittedAll, ...errorAnswers(...token, 'ROOM_ENDED') },
      },
    },
    (request) => meetings.admitAll(principalOf(request), request.params.room_code),
  )

  app.post(
    '/meetings/:room_code/reject-all',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'rejectAll',
        summary: 'Send away everybody who waits (host)',
        params: MeetingParams,
        response: { 200: RejectedAll, ...errorAnswers(...token, 'ROOM_ENDED') },
      },
    },
    (request) => meetings.rejectAll(principalOf(request), request.params.room_code),
  )
}
