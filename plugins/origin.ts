import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Actor, ANONYMOUS, actorOf, type Origin, type Origins } from '../services/audit/origin.ts'
import { addressGroup } from './client-address.ts'

declare module 'fastify' {
  interface FastifyRequest {
    origin: Origin | null
  }
}

const plugin: FastifyPluginAsync<{ origins: Pick<Origins, 'run'> }> = async (app, { origins }) => {
  app.decorateRequest('origin', null)
  const enter = (request: FastifyRequest, _reply: unknown, done: () => void) => {
    request.origin ??= { actor: senderOf(request), address: addressGroup(request.ip), requestId: request.id }
    origins.run(request.origin, done)
  }
  // For the guards; and again behind the body, whose reading loses what was set before.
  app.addHook('onRequest', enter)
  app.addHook('preHandler', enter)
}

/** Who signs in is nobody yet, whatever token comes along. */
function senderOf({ principal, routeOptions }: FastifyRequest): Actor {
  const guard = routeOptions.config?.guard
  return !principal || guard === 'public' || guard === 'refresh_cookie' ? ANONYMOUS : actorOf(principal)
}

/** Tells what is recorded of a request where it came from, and from whom. */
export default fp(plugin, { name: 'origin', dependencies: ['authentication'] })
