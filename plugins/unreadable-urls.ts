import type { IncomingMessage } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { answerError } from './error-handler.ts'

/** No path begins without a slash. */
const NOWHERE = 'unreadable'

export type UnreadableUrls = ReturnType<typeof createUnreadableUrls>

/**
 * The router answers a URL that it cannot decode, or a parameter that is too long, before any hook runs. Here such a request is sent
 * through the whole request path instead, as one that goes nowhere, and is answered once it was counted.
 */
export function createUnreadableUrls() {
  const problems = new WeakMap<IncomingMessage, FastifyError>()

  return {
    /** For Fastify's `frameworkErrors`. */
    routeAgain(app: FastifyInstance, problem: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
      const { raw } = request
      if (problems.has(raw)) {
        answerError(problem, request, reply)
        return
      }
      problems.set(raw, problem)
      raw.url = NOWHERE
      app.routing(raw, reply.raw)
    },

    /** Answers them: to be registered behind the rate limit. */
    plugin: fp(
      async (app) => {
        app.addHook('onRequest', (request, _reply, done) => done(problems.get(request.raw)))
      },
      { name: 'unreadable-urls', dependencies: ['rate-limit'] },
    ),
  }
}
