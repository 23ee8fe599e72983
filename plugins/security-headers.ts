import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { Config } from '../config.ts'
import { fixedHeaders, setCheckedHeader, setFixedHeaders } from './checked-headers.ts'

/** What our own pages need in place of the API's values: scripts and styles from here, microphone and camera. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy':
    "default-src 'self'; connect-src 'self'; img-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'permissions-policy': 'camera=(self), microphone=(self), geolocation=()',
})

export const PAGE_TYPE = 'text/html; charset=utf-8'

/** The headers of every answer, computed once. Nothing may be kept by a cache unless its route says so. */
export function constantHeaders(environment: Config['environment']): Readonly<Record<string, string>> {
  return Object.freeze({
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-xss-protection': '0',
    'cache-control': 'no-store',
    ...(environment === 'development' ? {} : { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
  })
}

interface Options {
  headers: Readonly<Record<string, string>>
}

const plugin: FastifyPluginAsync<Options> = async (app, { headers }) => {
  const fixed = fixedHeaders(headers)
  app.addHook('onRequest', (request, reply, done) => {
    setFixedHeaders(reply, fixed)
    setCheckedHeader(reply, 'x-request-id', request.id)
    done()
  })
}

/** Puts the constant headers and the request id on every answer that goes through the hooks. */
export default fp(plugin, { name: 'security-headers' })
