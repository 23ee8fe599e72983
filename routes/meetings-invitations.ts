import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { Invited, InviteRequest, MeetingParams } from '../schemas/meetings.ts'
import type { Meetings } from '../services/meetings.ts'

const tags = ['meetings']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

/** Invitations by mail. */
export const meetingInvitationRoutes: FastifyPluginAsyncTypebox<{ meetings: Meetings }> = async (app, { meetings }) => {
  app.post(
    '/meetings/:room_code/invite',
    {
      config: { guard: 'participant', scope: 'meetings:write' },
      schema: {
        tags,
        operationId: 'invite',
        summary: 'Invite by mail, with a link that lets one person in once and a calendar entry (host)',
        params: MeetingParams,
        body: InviteRequest,
        response: { 200: Invited, ...errorAnswers(...token, 'ROOM_ENDED') },
      },
    },
    (request) => meetings.invite(principalOf(request), request.params.room_code, request.body.emails),
  )
}
