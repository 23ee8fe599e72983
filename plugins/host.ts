import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'

type Options = Pick<Config, 'allowedHosts' | 'forceHttps' | 'publicUrl'>

/** Probes come by address and without TLS: routes that are not limited are not checked here either. */
const isProbe = (request: FastifyRequest) => request.route.config?.limit === 'none'

const plugin: FastifyPluginAsync<Options> = async (app, { allowedHosts, forceHttps, publicUrl }) => {
  const hosts = new Set(allowedHosts.map((host) => host.toLowerCase()))
  const origin = `https://${new URL(publicUrl).host}`

  app.addHook('onRequest', (request, reply, done) => {
    // Node would answer this itself, without our headers: it is told not to.
    if (request.headers.host === undefined && request.raw.httpVersion !== '1.0' && !request.headers[':authority'])
      return done(new AppError('MALFORMED_REQUEST', 'The Host header is missing.'))
    if (hosts.size > 0 && !isProbe(request) && !isAllowed(request))
      return done(new AppError('MALFORMED_REQUEST', 'This host is not served here.'))
    if (forceHttps && request.protocol !== 'https' && !isProbe(request)) {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return done(new AppError('FORBIDDEN', 'Use https.', { headers: { connection: 'close' } }))
      reply.redirect(`${origin}${request.url.startsWith('/') ? request.url : '/'}`, 308)
      return
    }
    done()
  })

  function isAllowed(request: FastifyRequest): boolean {
    return hosts.has(request.host.toLowerCase()) || hosts.has(request.hostname.toLowerCase())
  }
}

/** Refuses hosts that are not ours and sends plain http to https, when configured. */
export default fp(plugin, { name: 'host', dependencies: ['request-facts'] })
