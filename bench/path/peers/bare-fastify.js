import fastify from 'fastify'

/** The same handler on Fastify alone: nothing is checked, limited or logged. */
export async function start() {
  const app = fastify()
  app.post('/notes', (request, reply) => {
    const { text, language } = request.body
    reply.send({ text, language, user_id: 'nobody' })
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app.server.address().port
}
