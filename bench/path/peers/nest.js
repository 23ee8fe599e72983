import 'reflect-metadata'
import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis'
import {
  Body,
  Controller,
  HttpCode,
  Inject,
  Injectable,
  Module,
  Post,
  Req,
  UnauthorizedException,
} from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { JwtModule, JwtService } from '@nestjs/jwt'
import { ThrottlerGuard, ThrottlerModule } from '@nestjs/throttler'
import helmet from 'helmet'
import { Redis } from 'ioredis'
import { pinoHttp } from 'pino-http'
import { z } from 'zod'
import { AUDIENCE, ISSUER, LIMIT, MAX_TEXT, revokedKey } from './common.js'

const REDIS = Symbol('redis')
const Note = z.strictObject({ text: z.string().min(1).max(MAX_TEXT), language: z.string().regex(/^[a-z]{2,3}$/) })

// Decorators are applied by hand: this file runs as it is, without a compiler.

class SignedIn {
  constructor(jwt, redis) {
    this.jwt = jwt
    this.redis = redis
  }

  async canActivate(context) {
    const request = context.switchToHttp().getRequest()
    const [, token = ''] = (request.headers.authorization ?? '').split(' ')
    try {
      request.user = await this.jwt.verifyAsync(token, { algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE })
    } catch {
      throw new UnauthorizedException()
    }
    if (await this.redis.exists(revokedKey(request.user.sid))) throw new UnauthorizedException()
    return true
  }
}
Injectable()(SignedIn)
Inject(JwtService)(SignedIn, undefined, 0)
Inject(REDIS)(SignedIn, undefined, 1)

class UserThrottler extends ThrottlerGuard {
  async getTracker(request) {
    return request.user.sub
  }
}
Injectable()(UserThrottler)

class ValidNote {
  transform(value) {
    return Note.parse(value)
  }
}

class NotesController {
  add(note, request) {
    return { ...note, user_id: request.user.sub }
  }
}
Controller('notes')(NotesController)
const add = Object.getOwnPropertyDescriptor(NotesController.prototype, 'add')
Post()(NotesController.prototype, 'add', add)
HttpCode(200)(NotesController.prototype, 'add', add)
Body(new ValidNote())(NotesController.prototype, 'add', 0)
Req()(NotesController.prototype, 'add', 1)

/** NestJS on its default platform, with its throttler on Redis. */
export async function start({ redisUrl, secret }) {
  const redis = new Redis(redisUrl)
  class AppModule {}
  Module({
    imports: [
      JwtModule.register({ secret }),
      ThrottlerModule.forRoot({
        throttlers: [{ ttl: 60_000, limit: LIMIT }],
        storage: new ThrottlerStorageRedisService(redis),
      }),
    ],
    controllers: [NotesController],
    providers: [
      { provide: REDIS, useValue: redis },
      { provide: APP_GUARD, useClass: SignedIn },
      { provide: APP_GUARD, useClass: UserThrottler },
    ],
  })(AppModule)
  const app = await NestFactory.create(AppModule, { logger: false })
  app.use(pinoHttp())
  app.use(helmet())
  app.enableCors({ origin: ['https://bench.example.org'], credentials: true })
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer().address().port
}
