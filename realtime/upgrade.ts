/** The only subprotocol the server ever names, so that a ticket is not repeated. */
export const SUBPROTOCOL = 'fluentmeet.v1'
const TICKET = /^ticket\.([A-Za-z0-9_-]{1,128})$/
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}$/
const KEY = /^[+/0-9A-Za-z]{22}==$/

/** What a client offered in `Sec-WebSocket-Protocol`; null when the header is malformed. */
export function readProtocols(header: string | undefined): { offered: boolean; ticket: string | null } | null {
  if (header === undefined) return { offered: false, ticket: null }
  const protocols = header.split(',').map((part) => part.trim())
  if (protocols.length > 10 || new Set(protocols).size < protocols.length) return null
  if (!protocols.every((protocol) => TOKEN.test(protocol))) return null
  const tickets = protocols.flatMap((protocol) => TICKET.exec(protocol)?.[1] ?? [])
  if (tickets.length > 1) return null
  return { offered: protocols.includes(SUBPROTOCOL), ticket: tickets[0] ?? null }
}

/** True when the headers of an upgrade are such that the handshake will succeed. */
export function isHandshake(headers: Readonly<Record<string, string | string[] | undefined>>): boolean {
  const key = headers['sec-websocket-key']
  const version = headers['sec-websocket-version']
  const upgrade = headers.upgrade
  return (
    typeof upgrade === 'string' &&
    upgrade.toLowerCase() === 'websocket' &&
    typeof key === 'string' &&
    KEY.test(key) &&
    version === '13'
  )
}

/**
 * True for an origin that may open a socket: none (a client that is no browser), our own, one on the list, or any while the list
 * is `*`. Never `null`, which is what a sandboxed or a file page says.
 */
export function originAllowed(
  origin: string | undefined,
  config: { allowedOrigins: readonly string[]; publicUrl: string },
): boolean {
  if (origin === undefined) return true
  if (origin === 'null') return false
  if (origin === new URL(config.publicUrl).origin) return true
  return config.allowedOrigins.includes(origin) || config.allowedOrigins.includes('*')
}
