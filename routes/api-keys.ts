import { type FastifyPluginAsyncTypebox, Type } from '@fastify/type-provider-typebox'
import { userOf } from '../plugins/authentication.ts'
import { ApiKey, ApiKeyParams, ApiKeysPage, ApiKeysQuery, MadeApiKey, NewApiKey } from '../schemas/api-keys.ts'
import { errorAnswers } from '../schemas/errors.ts'
import type { ApiKeys } from '../services/api-keys.ts'

const tags = ['api keys']
const token = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'FORBIDDEN'] as const
const params = ApiKeyParams

/** Keys for machines. Signed-in people manage them: a key makes no keys. */
export const apiKeyRoutes: FastifyPluginAsyncTypebox<{ apiKeys: ApiKeys }> = async (app, { apiKeys }) => {
  app.post(
    '/api-keys',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'createApiKey',
        summary: 'Make an API key; it is shown this once',
        body: NewApiKey,
        response: { 201: MadeApiKey, ...errorAnswers(...token, 'CONFLICT') },
      },
    },
    async (request, reply) => reply.code(201).send(await apiKeys.create(userOf(request), request.body)),
  )

  app.get(
    '/api-keys',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'listApiKeys',
        summary: "Own API keys, newest first, ended ones too; anybody's for an admin",
        querystring: ApiKeysQuery,
        response: { 200: ApiKeysPage, ...errorAnswers(...token) },
      },
    },
    (request) => apiKeys.list(userOf(request), request.query),
  )

  app.get(
    '/api-keys/:id',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'getApiKey',
        summary: 'An API key, for its owner or an admin',
        params,
        response: { 200: ApiKey, ...errorAnswers(...token) },
      },
    },
    (request) => apiKeys.get(userOf(request), request.params.id),
  )

  app.post(
    '/api-keys/:id/rotate',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'rotateApiKey',
        summary: 'A new API key in the place of an own one; the old one ends within a day',
        params,
        response: { 201: MadeApiKey, ...errorAnswers(...token, 'CONFLICT') },
      },
    },
    async (request, reply) => reply.code(201).send(await apiKeys.rotate(userOf(request), request.params.id)),
  )

  app.delete(
    '/api-keys/:id',
    {
      config: { guard: 'user' },
      schema: {
        tags,
        operationId: 'revokeApiKey',
        summary: 'Revoke an API key now and close its sockets, as its owner or an admin',
        params,
        response: { 204: Type.Null(), ...errorAnswers(...token) },
      },
    },
    async (request, reply) => {
      await apiKeys.revoke(userOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}
