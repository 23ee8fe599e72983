import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors.ts'
import { prefersHtml } from './accept.ts'
import { PAGE_HEADERS, PAGE_TYPE } from './security-headers.ts'

interface Options {
  /** What browsers are shown; null: the error body, as all others. */
  page: Buffer | null
}

/** Here nothing but programs and developers ask: the browser client has no pages below these. */
const WITHOUT_PAGES = /^\/(api|dev|docs)(?=[/?]|$)/

const plugin: FastifyPluginAsync<Options> = async (app, { page }) => {
  // In a hook, so that the body of a request that goes nowhere is never parsed.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) {
      const error = unknown(request)
      if (!page || error.code !== 'NOT_FOUND' || !isVisit(request)) return done(error)
      reply.code(error.statusCode).headers(PAGE_HEADERS).type(PAGE_TYPE).send(page)
      return
    }
    const socketRoute = request.route.config?.socket === true
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

/** Somebody with a browser, who is to read what is the matter. */
function isVisit(request: FastifyRequest): boolean {
  return (
    request.method === 'GET' && !request.ws && !WITHOUT_PAGES.test(request.url) && prefersHtml(request.headers.accept)
  )
}

/**
 * 404 for an unknown path, 405 with `Allow` for a known one with another method; both after the rate limit. A browser that is led to an
 * unknown path gets the page, which says so in words.
 */
export default fp(plugin, { name: 'not-found', dependencies: ['known-paths', 'rate-limit'] })
