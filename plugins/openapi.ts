import swagger from '@fastify/swagger'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

interface Options {
  publicUrl: string
}

const plugin: FastifyPluginAsync<Options> = async (app, { publicUrl }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'FluentMeet', description: 'Live multilingual meetings', version: '1.0.0' },
      servers: [{ url: publicUrl }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          refresh_cookie: { type: 'apiKey', in: 'cookie', name: '__Host-refresh' },
        },
      },
    },
    transform: ({ schema, url, route }) => {
      const guard = route.config?.guard
      const bearer = { bearer: [] }
      if (guard === 'user' || guard === 'participant') return { schema: { ...schema, security: [bearer] }, url }
      if (guard === 'optional') return { schema: { ...schema, security: [{}, bearer] }, url }
      if (guard === 'refresh_cookie') return { schema: { ...schema, security: [{ refresh_cookie: [] }] }, url }
      return { schema, url }
    },
  })
}

/** Collects the routes into one OpenAPI description, each with what guards it. */
export default fp(plugin, { name: 'openapi' })
