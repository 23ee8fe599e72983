import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Actor, ANONYMOUS, actorOf, type Origin, type Origins } from '../services/audit/origin.ts'

declare module 'fastify' {
  interface FastifyRequest {
    origin: Origin | null
  }
}

const plugin: FastifyPluginAsync<{ origins: Pick<Origins, 'run'> }> = async (app, { origins }) => {
  app.decorateRequest('origin', null)
  const enter = (request: FastifyRequest, _reply: unknown, done: () => void) => {
    request.origin ??= { actor: senderOf(request), address: request.client.group, requestId: request.id }
    origins.run(request.origin, done)
  }
  // For the guards that record something; what is set here is lost when a body is read.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.apiKeyId !== null || request.route.config?.guard === 'admin') enter(request, reply, done)
    else done()
  })
  app.addHook('preHandler', enter)
}

/** Who signs in is nobody yet, whatever token comes along. */
function senderOf({ principal, route }: FastifyRequest): Actor {
  const guard = route.config?.guard
  return !principal || guard === 'public' || guard === 'refresh_cookie' ? ANONYMOUS : actorOf(principal)
}

/** Tells what is recorded of a request where it came from, and from whom. */
export default fp(plugin, { name: 'origin', dependencies: ['authentication'] })
