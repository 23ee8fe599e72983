import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { Config } from '../config.ts'
import { PAGE_HEADERS, PAGE_TYPE } from '../plugins/security-headers.ts'
import { describeMeetingSocket } from '../schemas/documents/asyncapi.ts'
import { errorAnswers } from '../schemas/errors.ts'

const FOLDER = join(import.meta.dirname, 'docs')
const SCRIPT = 'text/javascript; charset=utf-8'
const FILES = [
  { url: '/docs', file: 'docs.html', type: PAGE_TYPE },
  { url: '/docs/docs.css', file: 'docs.css', type: 'text/css; charset=utf-8' },
  { url: '/docs/docs.svg', file: 'docs.svg', type: 'image/svg+xml' },
  ...['docs', 'elements', 'schemas', 'calls', 'socket', 'filter'].map((name) => ({
    url: `/docs/${name}.js`,
    file: `${name}.js`,
    type: SCRIPT,
  })),
]

const Document = (example: object) => Type.Object({}, { additionalProperties: true, examples: [example] })

export interface DocsRoutesDeps {
  config: Pick<Config, 'publicUrl'>
}

/** The descriptions of calls and socket, and a page that shows both, without a script or style from elsewhere. */
export const docsRoutes: FastifyPluginAsyncTypebox<DocsRoutesDeps> = async (app, { config }) => {
  const socket = JSON.stringify(describeMeetingSocket(config))
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
        operationId: 'getOpenApi',
        summary: 'This description, OpenAPI 3.1',
        response: { 200: Document({ openapi: '3.1.0' }), ...errorAnswers() },
      },
    },
    (_request, reply) => {
      reply.type('application/json; charset=utf-8').send(description)
    },
  )

  app.get(
    '/asyncapi.json',
    {
      config: { guard: 'public' },
      schema: {
        tags: ['operations'],
        operationId: 'getAsyncApi',
        summary: 'The description of the meeting socket, AsyncAPI 3.0',
        response: { 200: Document({ asyncapi: '3.0.0' }), ...errorAnswers() },
      },
    },
    (_request, reply) => {
      reply.type('application/json; charset=utf-8').send(socket)
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
