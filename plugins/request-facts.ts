import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { addressGroup, normaliseAddress } from './client-address.ts'

export interface ClientAddress {
  readonly address: string
  /** Whom it stands for when it is limited. */
  readonly group: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** `routeOptions`: the framework makes them anew each time, and the path asks for them at every step. */
    readonly route: FastifyRequest['routeOptions']
    /** Where the request comes from, as trusted proxies tell it. */
    readonly client: ClientAddress
    knownRoute: FastifyRequest['routeOptions'] | null
    knownClient: ClientAddress | null
  }
}

const plugin: FastifyPluginAsync = async (app) => {
  app.decorateRequest('knownRoute', null)
  app.decorateRequest('knownClient', null)
  app.decorateRequest('route', {
    getter(this: FastifyRequest) {
      this.knownRoute ??= this.routeOptions
      return this.knownRoute
    },
  })
  app.decorateRequest('client', {
    getter(this: FastifyRequest) {
      this.knownClient ??= clientOf(this.ip)
      return this.knownClient
    },
  })
}

function clientOf(ip: string | undefined): ClientAddress {
  const address = normaliseAddress(ip)
  return { address, group: addressGroup(address) }
}

/** What the steps of the request path ask again and again, worked out once a request. */
export default fp(plugin, { name: 'request-facts' })
