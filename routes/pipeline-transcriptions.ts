import multipart from '@fastify/multipart'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { accountOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { TranscriptionAnswer, TranscriptionForm } from '../schemas/pipeline.ts'
import type { Intake } from '../services/recordings/intake.ts'
import type { Recordings } from '../services/recordings.ts'
import { clientGone } from './client-gone.ts'
import { FORM_BYTES, readForm } from './pipeline-upload.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The file of the form. */
    recording: Intake | null
  }
}

export interface PipelineTranscriptionRoutesDeps {
  recordings: Recordings
  /** In megabytes. */
  maxAudioSizeMb: number
}

/** Transcripts of recordings. In a scope of its own: nothing else takes forms, and this takes nothing else. */
export const pipelineTranscriptionRoutes: FastifyPluginAsyncTypebox<PipelineTranscriptionRoutesDeps> = async (
  app,
  { recordings, maxAudioSizeMb },
) => {
  const maxBytes = maxAudioSizeMb * 1024 * 1024
  app.removeAllContentTypeParsers()
  await app.register(multipart, { throwFileSizeLimit: false })
  app.decorateRequest('recording', null)

  app.post(
    '/pipeline/transcriptions',
    {
      config: { guard: 'user', scope: 'pipeline', limit: 'pipeline' },
      bodyLimit: maxBytes + FORM_BYTES,
      schema: {
        tags: ['pipeline'],
        operationId: 'transcribe',
        summary: 'What is said in a recording',
        consumes: ['multipart/form-data'],
        body: TranscriptionForm(maxBytes),
        response: {
          200: TranscriptionAnswer,
          ...errorAnswers('UNPROCESSABLE', 'PROVIDER_UNAVAILABLE'),
        },
      },
      // Read before it is validated; the schema sees that a file came, and the language.
      async preValidation(request, reply) {
        if (!request.isMultipart()) return
        const file = recordings.open(accountOf(request).userId)
        reply.raw.once('close', file.release)
        request.recording = file
        // The schema decides whether it is complete.
        request.body = (await readForm(request, file)) as typeof request.body
      },
    },
    async (request, reply) => {
      const { language } = request.body
      const { recording: file } = request
      if (!file) throw new Error('a validated form has a file')
      const { userId } = accountOf(request)
      const signal = clientGone(reply)
      return recordings.transcribe({ userId, file, signal, ...(language === undefined ? {} : { language }) })
    },
  )
}
