import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { isLoopback } from '../plugins/client-address.ts'
import { PAGE_HEADERS } from '../plugins/security-headers.ts'
import { Strict } from '../schemas/common.ts'
import { errorAnswers } from '../schemas/errors.ts'

export interface OutboxRoutesDeps {
  /** The folder that mails are written to. */
  folder: string
}

const MAX_SHOWN = 100
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
const MAIL_NAME = '^[A-Za-z0-9][A-Za-z0-9._-]{0,199}\\.eml$'

/** Development only: the mails that would have been sent. They carry links that sign people in, so other machines and sites get none. */
export const outboxRoutes: FastifyPluginAsyncTypebox<OutboxRoutesDeps> = async (app, { folder }) => {
  // Other origins may not read them: development allows every origin elsewhere.
  const config = { guard: 'public', sameOrigin: true } as const
  app.addHook('onRequest', async (request) => refuseOthers(request))

  app.get(
    '/dev/outbox',
    { config, schema: { hide: true, response: { 200: Type.String(), ...errorAnswers() } } },
    async (_request, reply) => {
      const mails = (await namesIn(folder)).map((name) => `<li><a href="/dev/outbox/${name}">${name}</a></li>`)
      const list = mails.length > 0 ? `<ul>${mails.join('')}</ul>` : '<p>No mail yet.</p>'
      reply.headers(PAGE_HEADERS).type('text/html; charset=utf-8')
      return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Outbox</title><h1>Outbox</h1>${list}</html>`
    },
  )

  app.get(
    '/dev/outbox/:name',
    {
      config,
      schema: {
        hide: true,
        params: Strict({ name: Type.String({ maxLength: 204, pattern: MAIL_NAME }) }),
        response: { 200: Type.String(), ...errorAnswers() },
      },
    },
    async (request, reply) => {
      const { name } = request.params
      if (!(await namesIn(folder)).includes(name)) throw new AppError('NOT_FOUND')
      reply.headers(PAGE_HEADERS).type('text/plain; charset=utf-8')
      return readFile(join(folder, name), 'utf8')
    },
  )
}

/** Newest first, by name: names begin with the time. Names of any other shape are not shown. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const shape = new RegExp(MAIL_NAME)
  return names
    .filter((name) => shape.test(name))
    .sort()
    .reverse()
    .slice(0, MAX_SHOWN)
}

/** A name that was rebound to this machine is no name of ours. */
function refuseOthers(request: FastifyRequest): void {
  if (!isLoopback(request.ip) || !LOCAL_HOSTS.has(request.hostname)) throw new AppError('NOT_FOUND')
}
