import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import {
  Joined,
  JoinRequest,
  MeetingParams,
  Participant,
  ParticipantList,
  ParticipantParams,
  RoleChange,
  SocketTicket,
} from '../schemas/meetings.ts'
import type { Meetings } from '../services/meetings.ts'

const tags = ['meetings']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const
const params = MeetingParams

/** People in a room: joining, leaving, who is there, kicks and roles. */
export const meetingPeopleRoutes: FastifyPluginAsyncTypebox<{ meetings: Meetings }> = async (app, { meetings }) => {
  app.post(
    '/meetings/:room_code/join',
    {
      config: { guard: 'optional', scope: 'meetings:write' },
      // Every field is optional, and so is the body.
      preValidation: async (request) => {
        request.body ??= {}
      },
      schema: {
        tags,
        operationId: 'joinMeeting',
        summary: 'Join a room, as the signed-in user or as a guest with a name',
        description: 'Into a locked room one waits until a host decides; an invitation lets in at once, and only once.',
        params,
        body: JoinRequest,
        response: { 200: Joined, ...errorAnswers(...token, 'CONFLICT', 'ROOM_FULL', 'ROOM_ENDED') },
      },
    },
    ({ principal, params, body, client }) => meetings.join(principal, params.room_code, body, client.group),
  )

  app.post(
    '/meetings/:room_code/leave',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'leaveMeeting',
        summary: 'Leave a room; the token of a guest ends with it',
        params,
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      await meetings.leave(principalOf(request), request.params.room_code)
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/meetings/:room_code/participants',
    {
      config: { guard: 'participant', scope: 'meetings:read' },
      schema: {
        tags,
        operationId: 'listParticipants',
        summary: 'Who is in a room now; for hosts also who waits to be let in',
        params,
        response: { 200: ParticipantList, ...errorAnswers(...token) },
      },
    },
    (request) => meetings.listPresent(principalOf(request), request.params.room_code),
  )

  app.post(
    '/meetings/:room_code/ws-ticket',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'issueSocketTicket',
        summary: 'A ticket for one socket: single use, 30 seconds, bound to participant, room and Origin',
        params,
        response: { 200: SocketTicket, ...errorAnswers(...token, 'ROOM_ENDED') },
      },
    },
    (request) => meetings.issueTicket(principalOf(request), request.params.room_code, request.headers.origin ?? ''),
  )

  app.post(
    '/meetings/:room_code/kick/:participant_id',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'kickParticipant',
        summary: 'Put somebody out of a room, for good (host)',
        params: ParticipantParams,
        response: { 204: Type.Null(), ...errorAnswers(...token, 'ROOM_ENDED') },
      },
    },
    async (request, reply) => {
      const { room_code, participant_id } = request.params
      await meetings.kick(principalOf(request), room_code, participant_id)
      return reply.code(204).send(null)
    },
  )

  app.patch(
    '/meetings/:room_code/participants/:participant_id',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'setRole',
        summary: 'Make somebody a co-host, or a participant again (the host only)',
        params: ParticipantParams,
        body: RoleChange,
        response: { 200: Participant, ...errorAnswers(...token, 'CONFLICT', 'ROOM_ENDED', 'UNPROCESSABLE') },
      },
    },
    (request) => {
      const { room_code, participant_id } = request.params
      return meetings.setRole(principalOf(request), room_code, participant_id, request.body.role)
    },
  )
}
