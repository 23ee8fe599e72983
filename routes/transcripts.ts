import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { principalOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { MeetingParams } from '../schemas/meetings.ts'
import { Transcript, TranscriptFiles, TranscriptQuery } from '../schemas/transcripts.ts'
import type { Transcripts } from '../services/transcripts.ts'

const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'] as const

/** What was said in a room. */
export const transcriptRoutes: FastifyPluginAsyncTypebox<{ transcripts: Pick<Transcripts, 'read'> }> = async (
  app,
  { transcripts },
) => {
  app.get(
    '/meetings/:room_code/transcript',
    {
      config: { guard: 'participant', scope: 'transcripts:read' },
      schema: {
        tags: ['meetings'],
        operationId: 'getTranscript',
        summary: 'What was said, with speakers and times, for those who were there; original, or in one language',
        params: MeetingParams,
        querystring: TranscriptQuery,
        response: {
          200: {
            description: 'The transcript, as a download',
            content: {
              'application/json': { schema: Transcript },
              'text/vtt': { schema: TranscriptFiles.vtt },
              'application/x-subrip': { schema: TranscriptFiles.srt },
              'text/plain': { schema: TranscriptFiles.txt },
            },
          },
          ...errorAnswers(...token, 'FORBIDDEN', 'UNPROCESSABLE'),
        },
      },
    },
    async (request, reply) => {
      const served = new AbortController()
      reply.raw.once('close', () => served.abort())
      const { format = 'json', language } = request.query
      const { contentType, disposition, chunks } = await transcripts.read({
        principal: principalOf(request),
        roomCode: request.params.room_code,
        format,
        language,
        signal: served.signal,
      })
      reply.header('content-type', contentType).header('content-disposition', disposition)
      return reply.send(Readable.from(chunks) as never)
    },
  )
}
