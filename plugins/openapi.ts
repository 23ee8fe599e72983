import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsync, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { SAMPLE_CSRF_TOKEN } from '../schemas/auth.ts'
import { DESCRIPTION, TAGS } from '../schemas/documents/introduction.ts'
import { finishOpenapi, type OpenapiDocument } from '../schemas/documents/openapi.ts'
import { codesOf, errorAnswers, requestPathCodes } from '../schemas/errors.ts'
import type { Guard } from './guards.ts'

interface Options {
  publicUrl: string
}

const SECURITY: Record<Guard, FastifySchema['security']> = {
  public: [],
  optional: [{}, { bearer: [] }],
  user: [{ bearer: [] }],
  participant: [{ bearer: [] }],
  admin: [{ bearer: [] }],
  refresh_cookie: [{ refresh_cookie: [] }],
  scraper: [{}, { metrics_token: [] }],
}

const SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'An access token, or in a room the `guest_token` of a guest',
  },
  api_key: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description: 'A key for machines, in place of a token on calls that name a scope; made by `POST /api/v1/api-keys`',
  },
  metrics_token: { type: 'http', scheme: 'bearer', description: '`METRICS_TOKEN`, for scrapers' },
  refresh_cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-refresh',
    description: 'Set by signing in, replaced by each use; with the CSRF token in `X-CSRF-Token`',
  },
} as const

/** Read by the CSRF hook, and no part of the route's own schema: that one would refuse every other header. */
const CSRF_HEADER = Type.Object({
  'x-csrf-token': Type.String({
    maxLength: 128,
    description: 'The `csrf_token` of the sign-in',
    examples: [SAMPLE_CSRF_TOKEN],
  }),
})

const plugin: FastifyPluginAsync<Options> = async (app, { publicUrl }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'FluentMeet',
        description: DESCRIPTION,
        version: '1.0.0',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: publicUrl, description: 'This server' }],
      tags: TAGS,
      components: { securitySchemes: SCHEMES },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: described(schema, route), url }),
    transformObject: (made) => ('openapiObject' in made ? finishOpenapi(made.openapiObject as OpenapiDocument) : {}),
  })
}

/** A route's schema with what the request path adds to it: what guards it, and what is answered before it is reached. */
function described(schema: FastifySchema | undefined, { method, config }: RouteOptions): FastifySchema {
  const { guard = 'public', limit, scope } = config ?? {}
  const { body, params, querystring } = schema ?? {}
  const response = (schema?.response ?? {}) as object
  const takesBody = [method].flat().some((name) => name !== 'GET' && name !== 'HEAD')
  const validated = [body, params, querystring].some((part) => part !== undefined)
  const codes = requestPathCodes({
    guard,
    limited: limit !== 'none',
    takesBody,
    validated,
    names: params !== undefined,
  })
  // As roles, which an API key may have in OpenAPI 3.1.
  const byKey = scope ? [{ api_key: [scope] }] : []
  return {
    ...schema,
    security: [...(SECURITY[guard] ?? []), ...byKey],
    ...(guard === 'refresh_cookie' ? { headers: CSRF_HEADER } : {}),
    response: { ...response, ...errorAnswers(...codes, ...codesOf(response)) },
  }
}

/** Collects the routes into one OpenAPI description, each with what guards it and every error it can answer. */
export default fp(plugin, { name: 'openapi' })
