import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'

interface Described {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { examples?: object }> }> }>
  >
}

/** Fails the test when a call of the API answers an error whose code its description lacks. */
export function requireDescribedErrors(t: Test, app: FastifyInstance): void {
  app.addHook('onSend', async ({ method, routeOptions: { url } }, { statusCode }, payload) => {
    if (statusCode < 400 || !url?.startsWith('/api/v1') || typeof payload !== 'string') return
    const { paths } = app.swagger() as unknown as Described
    const operation = paths[url.replaceAll(/:(\w+)/g, '{$1}')]?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
    const { code } = JSON.parse(payload) as { code: string }
    const codes = operation?.responses[statusCode]?.content?.['application/json']?.examples ?? {}
    if (operation && !(code in codes)) t.fail(`${method} ${url} answered ${code}, and its description does not say so`)
  })
}
