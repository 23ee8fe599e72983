import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsync, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { requestPathAnswers } from '../schemas/errors.ts'
import type { Guard } from './guards.ts'

interface Options {
  publicUrl: string
}

const SECURITY: Record<Guard, FastifySchema['security']> = {
  public: undefined,
  optional: [{}, { bearer: [] }],
  user: [{ bearer: [] }],
  participant: [{ bearer: [] }],
  admin: [{ bearer: [] }],
  refresh_cookie: [{ refresh_cookie: [] }],
  scraper: [{}, { metrics_token: [] }],
}

/** Read by the CSRF hook, and no part of the route's own schema: that one would refuse every other header. */
const CSRF_HEADER = Type.Object({
  'x-csrf-token': Type.String({ maxLength: 128, description: 'The `csrf_token` of the sign-in' }),
})

const plugin: FastifyPluginAsync<Options> = async (app, { publicUrl }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'FluentMeet', description: 'Live multilingual meetings', version: '1.0.0' },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          api_key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
          metrics_token: { type: 'http', scheme: 'bearer', description: '`METRICS_TOKEN`' },
          refresh_cookie: { type: 'apiKey', in: 'cookie', name: '__Host-refresh' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
  })
}

/** A route's schema with what the request path adds to it: what guards it, and what is answered before it is reached. */
function described(schema: FastifySchema | undefined, { method, config }: RouteOptions): FastifySchema {
  const { guard = 'public', limit, scope } = config ?? {}
  const takesBody = [method].flat().some((name) => name !== 'GET' && name !== 'HEAD')
  const answers = requestPathAnswers({ guard, limited: limit !== 'none', takesBody })
  // As roles, which an API key may have in OpenAPI 3.1.
  const byKey = scope ? [{ api_key: [scope] }] : []
  const security = SECURITY[guard]?.concat(byKey)
  return {
    ...schema,
    ...(security ? { security } : {}),
    ...(guard === 'refresh_cookie' ? { headers: CSRF_HEADER } : {}),
    response: { ...answers, ...(schema?.response as object | undefined) },
  }
}

/** Collects the routes into one OpenAPI description, each with what guards it and every error it can answer. */
export default fp(plugin, { name: 'openapi' })
