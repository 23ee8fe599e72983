import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { Alive, Health } from '../schemas/health.ts'
import type { HealthService } from '../services/health.ts'

export interface HealthRoutesDeps {
  health: Pick<HealthService, 'ready' | 'report'>
}

/** For orchestrators and for people who look what is wrong. */
export const healthRoutes: FastifyPluginAsyncTypebox<HealthRoutesDeps> = async (app, { health }) => {
  app.get(
    '/livez',
    {
      config: { guard: 'public', limit: 'none' },
      schema: { tags: ['operations'], operationId: 'isAlive', summary: 'The process runs', response: { 200: Alive } },
    },
    () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { guard: 'public', limit: 'none' },
      schema: {
        tags: ['operations'],
        operationId: 'isReady',
        summary: 'New work may be sent here',
        response: { 200: Alive, ...errorAnswers('SERVICE_UNAVAILABLE') },
      },
    },
    async () => {
      if (!(await health.ready()))
        throw new AppError('SERVICE_UNAVAILABLE', undefined, { headers: { 'retry-after': '1' } })
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/health',
    {
      config: { guard: 'public' },
      schema: {
        tags: ['operations'],
        operationId: 'getHealth',
        summary: 'What stands and what does not',
        response: { 200: Health, ...errorAnswers() },
      },
    },
    () => health.report(),
  )
}
