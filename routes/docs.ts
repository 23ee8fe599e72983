import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { PAGE_HEADERS } from '../plugins/security-headers.ts'
import { errorAnswers } from '../schemas/errors.ts'

const FOLDER = join(import.meta.dirname, 'docs')
const FILES = [
  { url: '/docs', file: 'docs.html', type: 'text/html; charset=utf-8' },
  { url: '/docs/docs.js', file: 'docs.js', type: 'text/javascript; charset=utf-8' },
  { url: '/docs/docs.css', file: 'docs.css', type: 'text/css; charset=utf-8' },
]

/** The OpenAPI description and a page that shows it, without a script or style from elsewhere. */
export const docsRoutes: FastifyPluginAsyncTypebox = async (app) => {
  let description = ''
  app.addHook('onReady', async () => {
    description = JSON.stringify(app.swagger())
  })

  app.get(
    '/openapi.json',
    {
      config: { guard: 'public' },
      schema: {
        tags: ['operations'],
        summary: 'This description, OpenAPI 3.1',
        response: { 200: Type.Object({}, { additionalProperties: true }), ...errorAnswers() },
      },
    },
    (_request, reply) => {
      reply.type('application/json; charset=utf-8').send(description)
    },
  )

  for (const { url, file, type } of FILES) {
    const content = await readFile(join(FOLDER, file), 'utf8')
    app.get(
      url,
      {
        config: { guard: 'public' },
        schema: { hide: true, response: { 200: Type.String(), ...errorAnswers() } },
      },
      (_request, reply) => {
        reply.headers(PAGE_HEADERS).type(type).send(content)
      },
    )
  }
}
