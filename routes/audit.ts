import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { AppError } from '../errors.ts'
import { userOf } from '../plugins/authentication.ts'
import { addressGroup } from '../plugins/client-address.ts'
import { AuditChain, AuditFiles, AuditPage, AuditQuery } from '../schemas/audit.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { AuditTrail } from '../services/audit/trail.ts'
import type { AuditChainWorker } from '../workers/audit-chain.ts'

const tags = ['audit']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const

export interface AuditRoutesDeps {
  trail: AuditTrail
  chain: Pick<AuditChainWorker, 'status'>
}

/** The audit trail. */
export const auditRoutes: FastifyPluginAsyncTypebox<AuditRoutesDeps> = async (app, { trail, chain }) => {
  app.get(
    '/audit',
    {
      // A HEAD would be recorded as a reading, and show nothing.
      exposeHeadRoute: false,
      // Hosts may read about their rooms: the service decides.
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'listAuditEvents',
        summary: 'What happened, newest first (admin; hosts, with the code of their room)',
        description: 'With `format`, all that is found as a download, oldest first. Hosts see no addresses.',
        querystring: AuditQuery,
        response: {
          200: {
            description: 'A page; or a download, the JSON of which is one long page',
            content: {
              'application/json': { schema: AuditPage },
              'application/x-ndjson': { schema: AuditFiles.ndjson },
              'text/csv': { schema: AuditFiles.csv },
            },
          },
          ...errorAnswers(...token, 'NOT_FOUND', 'UNPROCESSABLE'),
        },
      },
    },
    async (request, reply) => {
      const { limit, cursor, format, address, ...search } = request.query
      const wanted = { ...search, ...(address === undefined ? {} : { address: groupOf(address) }) }
      if (!format) return trail.page(userOf(request), wanted, { limit, cursor })
      const { contentType, disposition, chunks } = await trail.download(userOf(request), wanted, format)
      reply.header('content-type', contentType).header('content-disposition', disposition)
      // Read as the client takes it: memory holds a batch of rows.
      return reply.send(Readable.from(chunks, { objectMode: false }) as never)
    },
  )

  app.get(
    '/audit/chain',
    {
      config: { guard: 'admin' },
      schema: {
        tags,
        operationId: 'getAuditChain',
        summary: 'Where the audit trail ends, and whether it holds (admin)',
        response: { 200: AuditChain, ...errorAnswers(...token) },
      },
    },
    () => chain.status(),
  )
}

function groupOf(address: string): string {
  const group = addressGroup(address)
  if (group !== 'unknown') return group
  const details = [{ field: 'querystring.address', message: 'must be an IPv4 or IPv6 address' }]
  throw new AppError('VALIDATION_ERROR', undefined, { details })
}
