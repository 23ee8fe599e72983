import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'

const plugin: FastifyPluginAsync = async (app) => {
  // In a hook, so that the body of a request that goes nowhere is never parsed.
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done(unknown(request))
    const socketRoute = request.routeOptions.config?.socket === true
    if (request.ws && !socketRoute) return done(new AppError('MALFORMED_REQUEST', 'This address is no WebSocket.'))
    if (!request.ws && socketRoute) return done(new AppError('MALFORMED_REQUEST', 'Open this address as a WebSocket.'))
    done()
  })
  app.setNotFoundHandler((request) => {
    throw unknown(request)
  })

  function unknown(request: FastifyRequest): AppError {
    const methods = app.methodsOf(request.url)
    if (methods.length === 0 || methods.includes(request.method)) return new AppError('NOT_FOUND')
    return new AppError('METHOD_NOT_ALLOWED', undefined, { headers: { allow: methods.join(', ') } })
  }
}

/** 404 for an unknown path, 405 with `Allow` for a known one with another method; both after the rate limit. */
export default fp(plugin, { name: 'not-found', dependencies: ['known-paths', 'rate-limit'] })
