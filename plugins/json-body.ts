import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

const plugin: FastifyPluginAsync = async (app) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  // Text is no body of ours: it is a 415.
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Many clients name the content type also when they send nothing: that is no body, not a bad one.
    if (body === '') done(null, undefined)
    else parse(request, String(body), done)
  })
}

/** JSON bodies, refused when they try to reach a prototype. An empty one is none: a route that needs one says so. */
export default fp(plugin, { name: 'json-body' })
