import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { errorAnswers } from '../schemas/errors.ts'
import { PipelineLanguages, TranslationAnswer, TranslationBody } from '../schemas/pipeline.ts'
import type { Translation } from '../services/translation.ts'

export interface PipelineRoutesDeps {
  translation: Pick<Translation, 'translate' | 'languages'>
}

/** The stages of the pipeline, one at a time. */
export const pipelineRoutes: FastifyPluginAsyncTypebox<PipelineRoutesDeps> = async (app, { translation }) => {
  app.get(
    '/pipeline/languages',
    {
      config: { guard: 'public' },
      schema: {
        tags: ['pipeline'],
        summary: 'What each stage can do now, and with which engine',
        response: { 200: PipelineLanguages, ...errorAnswers() },
      },
    },
    async () => translation.languages(),
  )

  app.post(
    '/pipeline/translations',
    {
      config: { guard: 'user', limit: 'pipeline' },
      schema: {
        tags: ['pipeline'],
        summary: 'Translate a text',
        body: TranslationBody,
        response: {
          200: TranslationAnswer,
          ...errorAnswers(
            'MALFORMED_REQUEST',
            'UNAUTHENTICATED',
            'PAYLOAD_TOO_LARGE',
            'UNSUPPORTED_MEDIA_TYPE',
            'UNPROCESSABLE',
            'PROVIDER_UNAVAILABLE',
          ),
        },
      },
    },
    async (request, reply) => {
      const { text, source_language, target_language } = request.body
      const signal = clientGone(reply)
      const answer = await translation.translate({ text, source: source_language, target: target_language, signal })
      return { text: answer.text, source_language, target_language, engine: answer.engine }
    },
  )
}

/** Aborts when the connection closes before the answer is written. */
function clientGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}
