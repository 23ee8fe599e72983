import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { ApiKeys } from '../services/api-keys.ts'

interface Options {
  apiKeys: Pick<ApiKeys, 'used'>
}

const plugin: FastifyPluginAsync<Options> = async (app, { apiKeys }) => {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.principal?.kind === 'api_key') apiKeys.used(request.principal.keyId, request.client.address)
    done()
  })
}

/** When and from where a key was last used: what is refused by the limiter, or with a key that does not count, is no use. */
export default fp(plugin, { name: 'api-key-uses', dependencies: ['rate-limit'] })
