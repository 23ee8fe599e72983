import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { principalOf, userOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import {
  Joined,
  JoinRequest,
  MeetingParams,
  MeetingsPage,
  MeetingsQuery,
  NewMeeting,
  ParticipantList,
  Room,
  RoomSettingsChange,
  SocketTicket,
} from '../schemas/meetings.ts'
import type { Meetings } from '../services/meetings.ts'

const tags = ['meetings']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const
const params = MeetingParams

/** Rooms: made, found, joined, left, configured, ended. */
export const meetingRoutes: FastifyPluginAsyncTypebox<{ meetings: Meetings }> = async (app, { meetings }) => {
  app.post(
    '/meetings',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        summary: 'Make a room; the caller is its host',
        body: NewMeeting,
        response: { 201: Room, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    async (request, reply) => reply.code(201).send(await meetings.create(userOf(request), request.body)),
  )

  app.get(
    '/meetings',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        summary: 'Own meetings, hosted or taken part in, newest first',
        querystring: MeetingsQuery,
        response: { 200: MeetingsPage, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    (request) => meetings.list(userOf(request), request.query),
  )

  app.get(
    '/meetings/:room_code',
    {
      config: { guard: 'participant' },
      schema: {
        tags,
        summary: 'A room, for its participants and hosts',
        params,
        response: { 200: Room, ...errorAnswers(...token) },
      },
    },
    (request) => meetings.get(principalOf(request), request.params.room_code),
  )

  app.patch(
    '/meetings/:room_code/config',
    {
      config: { guard: 'participant' },
      schema: {
        tags,
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
      config: { guard: 'participant' },
      schema: {
        tags,
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
      config: { guard: 'participant' },
      schema: {
        tags,
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

  app.post(
    '/meetings/:room_code/join',
    {
      config: { guard: 'optional' },
      // Every field is optional, and so is the body.
      preValidation: async (request) => {
        request.body ??= {}
      },
      schema: {
        tags,
        summary: 'Join a room, as the signed-in user or as a guest with a name',
        params,
        body: JoinRequest,
        response: { 200: Joined, ...errorAnswers(...token, 'FORBIDDEN', 'ROOM_FULL', 'ROOM_ENDED') },
      },
    },
    (request) => meetings.join(request.principal, request.params.room_code, request.body),
  )

  app.post(
    '/meetings/:room_code/leave',
    {
      config: { guard: 'participant' },
      schema: {
        tags,
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
      config: { guard: 'participant' },
      schema: {
        tags,
        summary: 'Who is in a room now',
        params,
        response: { 200: ParticipantList, ...errorAnswers(...token, 'FORBIDDEN') },
      },
    },
    (request) => meetings.listPresent(principalOf(request), request.params.room_code),
  )

  app.post(
    '/meetings/:room_code/ws-ticket',
    {
      config: { guard: 'participant' },
      schema: {
        tags,
        summary: 'A ticket for one socket: single use, 30 seconds, bound to participant, room and Origin',
        params,
        response: { 200: SocketTicket, ...errorAnswers(...token, 'FORBIDDEN', 'ROOM_ENDED') },
      },
    },
    (request) => meetings.issueTicket(principalOf(request), request.params.room_code, request.headers.origin ?? ''),
  )
}
