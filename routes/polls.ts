import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { MeetingParams } from '../schemas/meetings.ts'
import {
  NewPoll,
  Poll,
  PollList,
  PollParams,
  PollResultsAnswer,
  PollResultsCsv,
  PollResultsQuery,
  VoteAccepted,
  VoteRequest,
} from '../schemas/polls.ts'
import type { Polls } from '../services/polls.ts'

const tags = ['polls']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const
const params = PollParams

/** Questions to a meeting, votes and results. */
export const pollRoutes: FastifyPluginAsyncTypebox<{ polls: Polls }> = async (app, { polls }) => {
  app.post(
    '/meetings/:room_code/polls',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'createPoll',
        summary: 'Prepare a poll; hosts alone see it until it is opened (host)',
        params: MeetingParams,
        body: NewPoll,
        response: { 201: Poll, ...errorAnswers(...token, 'CONFLICT', 'ROOM_ENDED') },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await polls.create(principalOf(request), request.params.room_code, request.body)),
  )

  app.get(
    '/meetings/:room_code/polls',
    {
      config: { guard: 'participant', scope: 'meetings:read' },
      schema: {
        tags,
        operationId: 'listPolls',
        summary: 'The polls of a room, newest first, in the language that the reader listens to',
        params: MeetingParams,
        response: { 200: PollList, ...errorAnswers(...token) },
      },
    },
    (request) => polls.list(principalOf(request), request.params.room_code),
  )

  app.post(
    '/polls/:poll_id/open',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'openPoll',
        summary: 'Open a poll for votes and tell the room, each in its language (host)',
        params,
        response: { 200: Poll, ...errorAnswers(...token, 'CONFLICT', 'ROOM_ENDED') },
      },
    },
    (request) => polls.open(principalOf(request), request.params.poll_id),
  )

  app.post(
    '/polls/:poll_id/close',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'closePoll',
        summary: 'Close a poll: every accepted vote is counted before this answers (host)',
        params,
        response: { 200: Poll, ...errorAnswers(...token, 'CONFLICT') },
      },
    },
    (request) => polls.close(principalOf(request), request.params.poll_id),
  )

  app.delete(
    '/polls/:poll_id',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'deletePoll',
        summary: 'Delete a poll with its votes; an open one is closed before (host)',
        params,
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      await polls.remove(principalOf(request), request.params.poll_id)
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/polls/:poll_id/vote',
    {
      config: { guard: 'participant' },
      schema: {
        tags,
        operationId: 'vote',
        summary: 'Vote, as a participant who is inside',
        description:
          'A second vote replaces the first while the poll is open, or is refused where votes are not changeable.',
        params,
        body: VoteRequest,
        response: { 202: VoteAccepted, ...errorAnswers(...token, 'CONFLICT', 'ROOM_ENDED') },
      },
    },
    async (request, reply) => {
      await polls.vote(principalOf(request), request.params.poll_id, request.body.option_ids)
      return reply.code(202).send({ status: 'accepted' })
    },
  )

  app.get(
    '/polls/:poll_id/results',
    {
      config: { guard: 'participant', scope: 'meetings:read' },
      schema: {
        tags,
        operationId: 'getPollResults',
        summary: 'What is counted, for those who may see it; with voters unless the poll is anonymous',
        params,
        querystring: PollResultsQuery,
        response: {
          200: {
            description: 'The result; CSV comes as a download, in the words in which it was asked',
            content: { 'application/json': { schema: PollResultsAnswer }, 'text/csv': { schema: PollResultsCsv } },
          },
          ...errorAnswers(...token),
        },
      },
    },
    async (request, reply) => {
      const [principal, id] = [principalOf(request), request.params.poll_id]
      if (request.query.format !== 'csv') return polls.results(principal, id)
      const { disposition, text } = await polls.csv(principal, id)
      reply.header('content-type', 'text/csv; charset=utf-8').header('content-disposition', disposition)
      return reply.send(text as never)
    },
  )
}
