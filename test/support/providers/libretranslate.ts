import { type Received, type Reply, type StandIn, startStandIn } from './stand-in.ts'

const LANGUAGES = [
  { code: 'en', name: 'English', targets: ['de', 'en', 'es', 'zh-Hans', 'pt-BR'] },
  { code: 'de', name: 'German', targets: ['en'] },
  { code: 'es', name: 'Spanish', targets: ['en'] },
  { code: 'pt-BR', name: 'Portuguese (Brazil)', targets: ['en'] },
  { code: 'zh-Hans', name: 'Chinese', targets: ['en'] },
  { code: 'zh-Hant', name: 'Chinese (traditional)', targets: ['en'] },
]

/** LibreTranslate's protocol. `key`: what it asks for. */
export async function startLibreTranslate(
  t: { teardown(end: () => Promise<void>): void },
  { key }: { key?: string } = {},
): Promise<StandIn> {
  function serve({ method, path, body }: Received): Reply {
    if (method === 'GET' && path === '/languages') return { body: LANGUAGES }
    if (method !== 'POST' || path !== '/translate') return { status: 404, body: { error: 'Not found' } }
    const { q, source, target, format, api_key } = JSON.parse(body.toString())
    if (key !== undefined && api_key !== key) return { status: 403, body: { error: `Invalid API key: ${api_key}` } }
    if (typeof q !== 'string' || format !== 'text') return { status: 400, body: { error: 'Invalid request' } }
    const from = LANGUAGES.find(({ code }) => code === source)
    if (!from?.targets.includes(target)) return { status: 400, body: { error: `${target} is not supported` } }
    return { body: { translatedText: `${q} (${source} to ${target})` } }
  }
  return startStandIn(t, serve)
}
