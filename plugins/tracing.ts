import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { Span, Tracing } from '../services/tracing.ts'

interface Options {
  tracing: Tracing
}

const CLIENT_GONE = 499

const plugin: FastifyPluginAsync<Options> = async (app, { tracing }) => {
  if (!tracing.isOn) return
  const spans = new WeakMap<object, Span>()

  // A trace begins here: what a stranger's `traceparent` says decides nothing.
  app.addHook('onRequest', (request, _reply, done) => {
    const { url = '(unmatched)', config } = request.route
    if (config?.limit === 'none') return done()
    const span = tracing.start(`${request.method} ${url}`, {
      ...{ kind: 'server', parent: null },
      attributes: { 'http.request.method': request.method, 'http.route': url, request_id: request.id },
    })
    spans.set(request.raw, span)
    tracing.within(span, done)
  })
  // Reading the body has lost it.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = spans.get(request.raw)
    if (span) tracing.within(span, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => end(request, reply.statusCode, done))
  app.addHook('onRequestAbort', (request, done) => end(request, CLIENT_GONE, done))
  app.websocketServer.on('connection', (_socket: unknown, raw: object) => finish(spans.get(raw), 101))

  function end(request: FastifyRequest, status: number, done: () => void): void {
    const span = spans.get(request.raw)
    finish(span, status)
    // So that the line in the log has its ids.
    if (span) tracing.within(span, done)
    else done()
  }
}

function finish(span: Span | undefined, status: number): void {
  span?.set({ 'http.response.status_code': status })
  if (status >= 500) span?.fail({ code: String(status) })
  span?.end()
}

/** A trace for each request, named by its route; probes and scrapers have none. Nothing where tracing is off. */
export default fp(plugin, { name: 'tracing', dependencies: ['@fastify/websocket'] })
