import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that the path of this URL answers to, sorted; none when it is unknown. */
    methodsOf(url: string): string[]
  }
}

interface KnownPath {
  readonly pattern: RegExp
  readonly methods: Set<string>
}

const plugin: FastifyPluginAsync = async (app) => {
  const known = new Map<string, KnownPath>()

  app.addHook('onRoute', ({ url, method }) => {
    const path = known.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() }
    known.set(url, path)
    for (const name of [method].flat()) path.methods.add(name)
  })

  app.decorate('methodsOf', (url: string) => {
    const path = url.split('?', 1)[0] ?? ''
    const methods = [...known.values()].flatMap((entry) => (entry.pattern.test(path) ? [...entry.methods] : []))
    return [...new Set(methods)].sort()
  })
}

/** Routes here have plain segments, `:parameters` and a last `*`: each is matched in linear time. */
function patternOf(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    if (segment.startsWith(':')) return '[^/]+'
    if (segment === '*') return '.*'
    return segment.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/')}$`)
}

/** Remembers which methods each path knows, so that a wrong method is told from a wrong path. */
export default fp(plugin, { name: 'known-paths' })
