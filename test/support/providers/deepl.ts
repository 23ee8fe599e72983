import { type Received, type Reply, type StandIn, startStandIn } from './stand-in.ts'

const named = (codes: string) => codes.split(' ').map((language) => ({ language, name: language }))
const SOURCES = named('DE EN ES NB PT ZH')
const TARGETS = named('DE EN-GB EN-US ES ES-419 NB PT-PT PT-BR ZH ZH-HANS ZH-HANT')
const MAX_BYTES = 128 * 1024

/** DeepL's protocol. `key`: what it asks for. */
export async function startDeepL(
  t: { teardown(end: () => Promise<void>): void },
  { key }: { key: string },
): Promise<StandIn> {
  function serve({ method, path, query, headers, body }: Received): Reply {
    if (headers.authorization !== `DeepL-Auth-Key ${key}`)
      return { status: 403, body: { message: 'Authorization failed' } }
    if (method === 'GET' && path === '/v2/languages')
      return { body: query.get('type') === 'target' ? TARGETS : SOURCES }
    if (method !== 'POST' || path !== '/v2/translate') return { status: 404, body: { message: 'Not found' } }
    if (body.length > MAX_BYTES) return { status: 413, body: { message: 'Payload too large' } }
    const { text, source_lang, target_lang } = JSON.parse(body.toString())
    const isKnown = (list: typeof SOURCES, code: string) => list.some(({ language }) => language === code)
    if (!Array.isArray(text) || !isKnown(TARGETS, target_lang) || !isKnown(SOURCES, source_lang))
      return { status: 400, body: { message: "Value for 'target_lang' not supported." } }
    const translations = text.map((one) => ({
      detected_source_language: source_lang,
      text: `${one} (${source_lang} to ${target_lang})`,
    }))
    return { body: { translations } }
  }
  return startStandIn(t, serve)
}
