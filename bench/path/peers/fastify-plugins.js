import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import rateLimit from '@fastify/rate-limit'
import fastify from 'fastify'
import { Redis } from 'ioredis'
import { AUDIENCE, body, ISSUER, LIMIT, revokedKey } from './common.js'

const response = {
  type: 'object',
  properties: { text: { type: 'string' }, language: { type: 'string' }, user_id: { type: 'string' } },
}

/** Fastify with the plugins that most services compose, each with its defaults. */
export async function start({ redisUrl, secret }) {
  const redis = new Redis(redisUrl)
  const app = fastify({ logger: true })
  await app.register(helmet)
  await app.register(cors, { origin: ['https://bench.example.org'], credentials: true })
  await app.register(cookie)
  await app.register(jwt, { secret, verify: { algorithms: ['HS256'], allowedIss: ISSUER, allowedAud: AUDIENCE } })
  app.addHook('onRequest', async (request, reply) => {
    try {
      await request.jwtVerify()
    } catch {
      return reply.code(401).send({ error: 'unauthenticated' })
    }
    if (await redis.exists(revokedKey(request.user.sid))) return reply.code(401).send({ error: 'revoked' })
  })
  await app.register(rateLimit, {
    redis,
    max: LIMIT,
    timeWindow: '1 minute',
    keyGenerator: (request) => request.user.sub,
    hook: 'preHandler',
  })
  app.post('/notes', { schema: { body, response: { 200: response } } }, async (request) => {
    const { text, language } = request.body
    return { text, language, user_id: request.user.sub }
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app.server.address().port
}
