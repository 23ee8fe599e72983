import fastify from 'fastify'

// The least that answers: Fastify with one route, and nothing behind it.

const app = fastify()
app.get('/health', () => ({ status: 'ok' }))
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) })
process.once('SIGTERM', () => app.close())
