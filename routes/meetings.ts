import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { accountOf, principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import {
  MeetingParams,
  MeetingsPage,
  MeetingsQuery,
  NewMeeting,
  Room,
  RoomSettingsChange,
} from '../schemas/meetings.ts'
import type { Meetings } from '../services/meetings.ts'
import { meetingInvitationRoutes } from './meetings-invitations.ts'
import { meetingLobbyRoutes } from './meetings-lobby.ts'
import { meetingPeopleRoutes } from './meetings-people.ts'

const tags = ['meetings']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const
const params = MeetingParams

/** Rooms: made, found, configured, ended; and who comes in, beside them. */
export const meetingRoutes: FastifyPluginAsyncTypebox<{ meetings: Meetings }> = async (app, { meetings }) => {
  await app.register(meetingPeopleRoutes, { meetings })
  await app.register(meetingLobbyRoutes, { meetings })
  await app.register(meetingInvitationRoutes, { meetings })

  app.post(
    '/meetings',
    {
      config: { guard: 'user', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'createMeeting',
        summary: 'Make a room; the caller is its host',
        body: NewMeeting,
        response: { 201: Room, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    async (request, reply) => reply.code(201).send(await meetings.create(accountOf(request), request.body)),
  )

  app.get(
    '/meetings',
    {
      config: { guard: 'user', scope: 'meetings:read' },
      schema: {
        tags,
        operationId: 'listMeetings',
        summary: 'Own meetings, hosted or taken part in, newest first',
        querystring: MeetingsQuery,
        response: { 200: MeetingsPage, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    (request) => meetings.list(accountOf(request), request.query),
  )

  app.get(
    '/meetings/:room_code',
    {
      config: { guard: 'participant', scope: 'meetings:read' },
      schema: {
        tags,
        operationId: 'getMeeting',
        summary: 'A room, for its participants and hosts',
        params,
        response: { 200: Room, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    (request) => meetings.get(principalOf(request), request.params.room_code),
  )

  app.patch(
    '/meetings/:room_code/config',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'configureMeeting',
        summary: 'Change some settings of a room (host)',
        params,
        body: RoomSettingsChange,
        response: { 200: Room, ...errorAnswers(...token, 'FORBIDDEN', 'ROOM_ENDED') },
      },
    },
    (request) => meetings.configure(principalOf(request), request.params.room_code, request.body),
  )

  app.post(
    '/meetings/:room_code/end',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'endMeeting',
        summary: 'End a room for everyone (host)',
        params,
        response: { 204: Type.Null(), ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    async (request, reply) => {
      await meetings.end(principalOf(request), request.params.room_code)
      return reply.code(204).send(null)
    },
  )

  app.delete(
    '/meetings/:room_code',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'deleteMeeting',
        summary: 'End a room and remove all that is kept of it (host)',
        params,
        response: { 204: Type.Null(), ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    async (request, reply) => {
      await meetings.remove(principalOf(request), request.params.room_code)
      return reply.code(204).send(null)
    },
  )
}
