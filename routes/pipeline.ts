import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { accountOf } from '../plugins/authentication.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { PipelineLanguages, SpeechBody, TranslationAnswer, TranslationBody, WavFile } from '../schemas/pipeline.ts'
import type { PipelineTexts } from '../services/pipeline-texts.ts'
import type { Translation } from '../services/translation.ts'
import { clientGone } from './client-gone.ts'
import { type PipelineTranscriptionRoutesDeps, pipelineTranscriptionRoutes } from './pipeline-transcriptions.ts'

export interface PipelineRoutesDeps extends PipelineTranscriptionRoutesDeps {
  translation: Pick<Translation, 'languages'>
  texts: PipelineTexts
}

/** The stages of the pipeline, one at a time. */
export const pipelineRoutes: FastifyPluginAsyncTypebox<PipelineRoutesDeps> = async (app, deps) => {
  const { translation, texts } = deps
  await app.register(pipelineTranscriptionRoutes, deps)

  app.get(
    '/pipeline/languages',
    {
      config: { guard: 'public' },
      schema: {
        tags: ['pipeline'],
        operationId: 'listLanguages',
        summary: 'What each stage can do now, and with which engine',
        response: { 200: PipelineLanguages, ...errorAnswers() },
      },
    },
    async () => translation.languages(),
  )

  app.post(
    '/pipeline/translations',
    {
      config: { guard: 'user', scope: 'pipeline', limit: 'pipeline' },
      schema: {
        tags: ['pipeline'],
        operationId: 'translate',
        summary: 'Translate a text',
        body: TranslationBody,
        response: {
          200: TranslationAnswer,
          ...errorAnswers('UNPROCESSABLE', 'PROVIDER_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const { text, source_language, target_language } = request.body
      const { userId } = accountOf(request)
      const signal = clientGone(reply)
      const answer = await texts.translate({ userId, text, source: source_language, target: target_language, signal })
      return { text: answer.text, source_language, target_language, engine: answer.engine }
    },
  )

  app.post(
    '/pipeline/speech',
    {
      config: { guard: 'user', scope: 'pipeline', limit: 'pipeline' },
      schema: {
        tags: ['pipeline'],
        operationId: 'speak',
        summary: 'Hear a text',
        body: SpeechBody,
        response: {
          200: { description: 'A WAV file: 16-bit PCM, mono', content: { 'audio/wav': { schema: WavFile } } },
          ...errorAnswers('UNPROCESSABLE', 'PROVIDER_UNAVAILABLE'),
        },
      },
    },
    async (request, reply) => {
      const { text, language, voice } = request.body
      const { userId } = accountOf(request)
      const file = await texts.speak({ userId, text, language, voice, signal: clientGone(reply) })
      return reply
        .type('audio/wav')
        .header('content-disposition', 'inline; filename="speech.wav"')
        .send(file as never)
    },
  )
}
