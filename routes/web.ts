import { extname } from 'node:path'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { PAGE_HEADERS, PAGE_TYPE } from '../plugins/security-headers.ts'
import { Strict } from '../schemas/common.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { WebClient } from './web/client.ts'
import { PAGES } from './web/pages.ts'

export interface WebRoutesDeps {
  /** The built client; null: there is none. */
  client: WebClient | null
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': PAGE_TYPE,
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.wav': 'audio/wav',
}
const SCHEMA = { hide: true, response: { 200: Type.Any(), ...errorAnswers() } } as const
// Any code: the page itself says when there is no such room.
const PARAMS = Strict({ code: Type.String({ maxLength: 256 }) })
const CONFIG = { guard: 'public', limit: 'pages' } as const
/** The build puts a digest of what is in them into the names of these files, and of no others. */
const DIGESTED = '/assets/'
const FOREVER = 'public, max-age=31536000, immutable'

/** The browser client. Without a built one there is no page, and the log says so. */
export const webRoutes: FastifyPluginAsyncTypebox<WebRoutesDeps> = async (app, { client }) => {
  if (!client) {
    app.log.warn('the browser client is not built: npm run build:web')
    return
  }
  const { page, files } = client
  const show = (_request: unknown, reply: FastifyReply) => {
    reply.headers(PAGE_HEADERS).type(PAGE_TYPE).send(page)
  }
  for (const path of PAGES) {
    const params = path.includes(':code') ? { params: PARAMS } : {}
    // Links that are copied by hand come with a slash at times.
    for (const url of path === '/' ? [path] : [path, `${path}/`])
      app.get(url, { config: CONFIG, schema: { ...SCHEMA, ...params } }, show)
  }

  for (const [url, content] of files) {
    const type = TYPES[extname(url)] ?? 'application/octet-stream'
    const keeping = url.startsWith(DIGESTED) ? { 'cache-control': FOREVER } : {}
    app.get(url, { config: CONFIG, schema: SCHEMA }, (_request, reply) => {
      reply
        .headers({ ...PAGE_HEADERS, ...keeping })
        .type(type)
        .send(content)
    })
  }
}
