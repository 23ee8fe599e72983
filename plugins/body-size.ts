import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'

const plugin: FastifyPluginAsync = async (app) => {
  app.addHook('onRequest', (request, _reply, done) => {
    const length = request.headers['content-length']
    if (length !== undefined && Number(length) > request.route.bodyLimit)
      return done(new AppError('PAYLOAD_TOO_LARGE', undefined, { headers: { connection: 'close' } }))
    done()
  })
}

/** Refuses a body that says it is too large before any of it is read. One that does not say is cut off while it is read. */
export default fp(plugin, { name: 'body-size', dependencies: ['request-facts'] })
