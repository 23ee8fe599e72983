import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { PAGE_HEADERS } from '../plugins/security-headers.ts'
import { Strict } from '../schemas/common.ts'
import { errorAnswers } from '../schemas/errors.ts'
import { PAGES } from './web/pages.ts'

export interface WebRoutesDeps {
  /** The built client: `index.html`, and what it loads. */
  folder: string
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wav': 'audio/wav',
}
const SCHEMA = { hide: true, response: { 200: Type.Any(), ...errorAnswers() } } as const
// Any code: the page itself says when there is no such room.
const PARAMS = Strict({ room_code: Type.String({ maxLength: 256 }) })
const CONFIG = { guard: 'public' } as const
/** Their names carry a digest of what is in them. */
const FOREVER = 'public, max-age=31536000, immutable'

/** The browser client. Without a built one there is no page, and the log says so. */
export const webRoutes: FastifyPluginAsyncTypebox<WebRoutesDeps> = async (app, { folder }) => {
  const files = await filesIn(folder)
  const page = files.get('/index.html')
  if (!page) {
    app.log.warn('the browser client is not built: npm run build:web')
    return
  }
  const show = (_request: unknown, reply: FastifyReply) => {
    reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8').send(page)
  }
  for (const url of PAGES) {
    const params = url.includes(':room_code') ? { params: PARAMS } : {}
    app.get(url, { config: CONFIG, schema: { ...SCHEMA, ...params } }, show)
  }

  for (const [url, content] of files) {
    if (url === '/index.html') continue
    const type = TYPES[extname(url)] ?? 'application/octet-stream'
    app.get(url, { config: CONFIG, schema: SCHEMA }, (_request, reply) => {
      reply.headers(PAGE_HEADERS).header('cache-control', FOREVER).type(type).send(content)
    })
  }
}

/** By path, as the client asks for them. Read once: they are small, and a request never touches the disk. */
async function filesIn(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      paths.map(async (path) => [`/${relative(folder, path).split(sep).join('/')}`, await readFile(path)] as const),
    ),
  )
}
