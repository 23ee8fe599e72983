import { once } from 'node:events'
import cors from 'cors'
import express from 'express'
import { rateLimit } from 'express-rate-limit'
import helmet from 'helmet'
import { Redis } from 'ioredis'
import jwt from 'jsonwebtoken'
import { pinoHttp } from 'pino-http'
import { RedisStore } from 'rate-limit-redis'
import { z } from 'zod'
import { AUDIENCE, ISSUER, LIMIT, MAX_TEXT, revokedKey } from './common.js'

/** Express 5 with what most services put around it. */
export async function start({ redisUrl, secret }) {
  const redis = new Redis(redisUrl)
  const Note = z.strictObject({ text: z.string().min(1).max(MAX_TEXT), language: z.string().regex(/^[a-z]{2,3}$/) })
  const app = express()
  app.use(pinoHttp())
  app.use(helmet())
  app.use(cors({ origin: ['https://bench.example.org'], credentials: true }))
  app.use(async (request, response, next) => {
    try {
      const [, token = ''] = (request.headers.authorization ?? '').split(' ')
      request.user = jwt.verify(token, secret, { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE })
    } catch {
      return response.status(401).json({ error: 'unauthenticated' })
    }
    if (await redis.exists(revokedKey(request.user.sid))) return response.status(401).json({ error: 'revoked' })
    next()
  })
  app.use(
    rateLimit({
      windowMs: 60_000,
      limit: LIMIT,
      standardHeaders: true,
      keyGenerator: (request) => request.user.sub,
      store: new RedisStore({ sendCommand: (command, ...rest) => redis.call(command, ...rest) }),
    }),
  )
  app.use(express.json())
  app.post('/notes', (request, response) => {
    const note = Note.safeParse(request.body)
    if (!note.success) return response.status(400).json({ error: note.error.issues })
    response.json({ ...note.data, user_id: request.user.sub })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server.address().port
}
